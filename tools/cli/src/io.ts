/** What a command may touch; tests give their own. */
export interface Io {
  readFile(path: string): string;
  writeFile(path: string, text: string): void;
  /** One line for people, or for the next program in a pipe. */
  out(line: string): void;
  /** One line about the run itself. */
  err(line: string): void;
  /** Lines that a person types; ends at the end of input. */
  lines(): AsyncIterable<string>;
}

/** Exit codes: all good; something in the file is wrong; the command itself was given wrongly. */
export const EXIT = { good: 0, found: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
