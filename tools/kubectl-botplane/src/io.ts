/** What the plugin may touch; tests give their own. */
export interface Io {
  readFile(path: string): string;
  /** One line for people, or for the next program in a pipe. */
  out(line: string): void;
  /** One line about the run itself. */
  err(line: string): void;
  /** True when a person looks: a watch draws over itself then. */
  readonly isTerminal: boolean;
  /** Aborted when the person presses Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** Exit codes. `found`: something is wrong with the bot or the file, or differs. `usage`: the command failed or was given wrongly. `underway`: it is not over yet. */
export const EXIT = { good: 0, found: 1, usage: 2, underway: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence for the person. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}
