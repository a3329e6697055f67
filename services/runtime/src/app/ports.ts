import type { Call, Revision } from '../domain/call.ts';

/** How a call ended inside a host. */
export interface HostDone {
  readonly status: 'ok' | 'guest_error' | 'out_of_memory' | 'overrun' | 'starved' | 'not_registered' | 'invalid';
  /** An isolate had to be made. */
  readonly cold: boolean;
  /** Isolates that live in the host now. */
  readonly live: number;
  readonly tookMs: number;
  /** Processor time of the step alone. */
  readonly cpuMs: number;
  /** GuestOutput as JSON, or what went wrong. */
  readonly text: string;
}

/** How a host is, told every few seconds. */
export interface HostVitals {
  /** Isolates that live in it. */
  readonly live: number;
  readonly rssMiB: number;
}

/** What a host tells. */
export interface HostEvents {
  ready(): void;
  done(callId: number, done: HostDone): void;
  /** The call at the head has this budget from now on. */
  phase(callId: number, msMax: number): void;
  vitals(vitals: HostVitals): void;
  /** The process is gone; nothing follows. */
  exited(detail: string): void;
}

/** A sandbox host process. It works on its calls in the order in which they were started. */
export interface SandboxHost {
  register(revision: Revision): void;
  forget(index: number): void;
  start(call: Call): void;
  /** SIGKILL; `exited` follows. */
  kill(): void;
  /** Processor time that the process has used so far, ms, in steps of 10; undefined where nobody tells. */
  usedMs(): number | undefined;
}

/** For the processor. Low: others get ten times as much. Idle: what others leave, and whoever else wants it gets it at once; such a host may fail to start. */
export type Priority = 'normal' | 'low' | 'idle';

export interface HostSettings {
  readonly name: string;
  readonly isolatesMax: number;
  readonly idleTtlMs: number;
  /** Resident memory above which the host is replaced. */
  readonly rssMiBMax: number;
  readonly priority: Priority;
}

export type StartHost = (settings: HostSettings, events: HostEvents) => SandboxHost;

/** What is counted; without a framework in here. */
export interface RuntimeMetrics {
  settled(outcome: string, cold: boolean, tookMs: number): void;
  ended(reason: 'overrun' | 'died' | 'recycled'): void;
  live(host: string, count: number): void;
  resident(host: string, mib: number): void;
  strike(): void;
}

export interface RuntimeLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
