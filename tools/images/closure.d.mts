/** The parts of package-lock.json that count. */
export interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly link?: boolean; readonly resolved?: string; readonly integrity?: string }>>;
}

/** Paths in the lock file of everything that `workspace` needs in production, itself included. */
export function productionClosure(lock: Lock, workspace: string, machine: { platform: string; arch: string; libc: string }): string[];
