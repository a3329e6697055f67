/** What a command may touch; tests give their own. */
export interface Io {
  readFile(path: string): string;
  writeFile(path: string, content: string | Uint8Array): void;
  isFolder(path: string): boolean;
  /** A plain file below a folder; undefined when there is none, or when links lead out of the folder. */
  readBelow(folder: string, path: string): Uint8Array | undefined;
  /** Paths of files below a folder, bounded: for suggestions only. */
  listBelow(folder: string): string[];
  /** Puts an object into a bucket, once; the connection is in the environment (S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY). */
  push(bucket: string, key: string, content: Uint8Array): Promise<'created' | 'exists'>;
  /** One line for people, or for the next program in a pipe. */
  out(line: string): void;
  /** One line about the run itself. */
  err(line: string): void;
  /** Lines that a person types; ends at the end of input. */
  lines(): AsyncIterable<string>;
  /** Tells of changes of a file until the function it gives is called. */
  watch(path: string, onChange: () => void): () => void;
  /** Resolves when the person ends the command. */
  stopped(): Promise<void>;
}

/** Exit codes: all good; something in the file is wrong; the command itself was given wrongly. */
export const EXIT = { good: 0, found: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
