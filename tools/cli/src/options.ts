/** Options that commands share; each uses what it knows. */
export interface Options {
  json: boolean;
  out: string | undefined;
  name: string | undefined;
  language: string | undefined;
  strict: boolean;
  bot: boolean;
  playground: boolean;
  /** Port of the playground. */
  port: number | undefined;
  push: string | undefined;
}
