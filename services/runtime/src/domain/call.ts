/** Why a call gave no output; the names are those of the proto. */
export const FAILURE_CODES = ['NOT_LOADED', 'GUEST_ERROR', 'OVERRUN', 'HOST_LOST', 'OVERLOADED'] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** What became of a call. */
export type CallResult =
  | { kind: 'output'; json: string; cold: boolean; tookMs: number; cpuMs: number }
  | Failure;
export interface Failure {
  kind: 'failure';
  code: FailureCode;
  message: string;
  cold: boolean;
  /** Processor time of the step, as far as it is known. */
  cpuMs: number;
  /** The step used up its time or its memory. */
  isGreedy: boolean;
}

/** A failure as a value. */
export const failure = (code: FailureCode, message: string, more: Partial<Pick<Failure, 'cold' | 'cpuMs' | 'isGreedy'>> = {}): Failure => ({ kind: 'failure', code, message, cold: false, cpuMs: 0, isGreedy: code === 'OVERRUN', ...more });

/** A revision whose code this pod holds. */
export interface Revision {
  /** Names it towards the hosts; never used again. */
  readonly index: number;
  readonly key: string;
  readonly botId: string;
  /** What is the bot's own in bot.js; all of it when it names no engine. */
  readonly code: Buffer;
  /** What stands before it, one copy for all bots of one compiler. */
  readonly engine: Buffer | undefined;
  readonly sha256: string;
  readonly memoryMiB: number;
  readonly cpuMs: number;
}

/** Key of a revision within a pod. */
export const revisionKey = (botId: string, revHash: string): string => `${botId}/${revHash}`;

export interface RevisionName {
  readonly botId: string;
  readonly revHash: string;
}

/** What {@link revisionKey} was made from; a hash holds no slash. */
export function readRevisionKey(key: string): RevisionName {
  const at = key.lastIndexOf('/');
  return { botId: key.slice(0, at), revHash: key.slice(at + 1) };
}

/** One run, or the making of an isolate, on its way through the pod. */
export interface Call {
  readonly id: number;
  readonly kind: 'run' | 'prepare';
  readonly revision: Revision;
  readonly input: string;
  /** Live traffic of a revision that has yet to show what its steps cost; it runs in the side host. */
  readonly isTrial: boolean;
  /** How often it was started again because of others. */
  reruns: number;
  /** Side hosts that died with it. */
  sideLosses: number;
  readonly settle: (result: CallResult) => void;
}
