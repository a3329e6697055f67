import type { Cluster } from '../cluster.ts';
import type { Flags } from '../flags.ts';
import type { ExitCode, Io } from '../io.ts';

/** What a command works with. */
export interface Context {
  io: Io;
  flags: Flags;
  /** Words that are no options. */
  words: readonly string[];
  /** Opens the connection; commands that need none never call it. */
  cluster(): Cluster;
}

export type Command = (context: Context) => ExitCode | Promise<ExitCode>;
