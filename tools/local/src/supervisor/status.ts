/** `unready`: it runs, but does not answer its readiness check now. */
export type ChildState = 'waiting' | 'starting' | 'ready' | 'unready' | 'restarting' | 'stopping' | 'stopped';

export interface ChildStatus {
  readonly name: string;
  readonly state: ChildState;
  readonly url: string;
  /** Starts after the first one. */
  readonly restarts: number;
  readonly pid?: number;
  readonly startedAtMs?: number;
  /** Why the last start failed or the last process ended. */
  readonly lastError?: string;
}

export interface SupervisorStatus {
  readonly pid: number;
  /** Of the supervisor's own code and of the set of children. */
  readonly fingerprint: string;
  readonly children: readonly ChildStatus[];
}
