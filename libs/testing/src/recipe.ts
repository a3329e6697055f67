/** How one server is started and recognised as ready; the same for tests and for the local environment. */
export interface ProcessRecipe {
  /** Short name for logs and error messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to PATH, HOME, TMPDIR and LANG of this process; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Runs as this user when the current one is root (PostgreSQL refuses root). */
  readonly runAs?: RunAs;
  /** Makes folders and files; called before every start, so it must be idempotent. */
  readonly prepare?: () => Promise<void>;
  /** True as soon as the server can be used; may throw while it cannot. */
  readonly ready: () => Promise<boolean>;
  /** Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

/** Another user for a process started by root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** The user cannot enter the folders above the binary or data, so it keeps the right to. */
  readonly keepFileAccess: boolean;
}
