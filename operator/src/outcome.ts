import { K8sError, NotLeaderError, isConflict } from '@botplane/k8s';
import { AppError, ErrorCode } from '@botplane/kit/plain';
import { ConflictError, StreamFullError, UnavailableError } from '@botplane/nats';
import { Reasons } from './reasons.ts';
import type { Reason } from './reasons.ts';

/**
 * How one phase of a reconcile ended. `done`: as wanted. `waiting`: it goes on by itself. `failed`: it will not, unless a manifest (or what it
 * names) changes.
 */
export interface Outcome {
  state: 'done' | 'waiting' | 'failed';
  reason: Reason;
  /** For people. It must not change from try to try, or every try would write status. */
  message: string;
  /** Look again after this, in ms, when no watch would tell. */
  recheckMs?: number;
  /** What was thrown; the queue tries again with a growing pause. */
  error?: unknown;
}

export const done = (reason: Reason, message: string): Outcome => ({ state: 'done', reason, message });
export const waiting = (reason: Reason, message: string, recheckMs?: number): Outcome => ({ state: 'waiting', reason, message, ...(recheckMs === undefined ? {} : { recheckMs }) });
export const failed = (reason: Reason, message: string, recheckMs?: number): Outcome => ({ state: 'failed', reason, message, ...(recheckMs === undefined ? {} : { recheckMs }) });

/** Thrown by an adapter when something outside is away; the reconcile is tried again. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
  readonly reason: Reason;
  /** What the other side asked to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: Reason, message: string, options: ErrorOptions & { retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * Runs one phase; what it throws becomes a waiting outcome that names the cause. A conflict is thrown on: fresh data is a moment away. So is the loss
 * of the lease: another operator goes on.
 */
export async function settle<T extends Outcome>(phase: () => Promise<T>): Promise<T | Outcome> {
  try {
    return await phase();
  } catch (error) {
    if (isConflict(error) || error instanceof RouteConflictError || error instanceof NotLeaderError) throw error;
    return toOutcome(error);
  }
}

/** A compare-and-set in KV was refused: somebody else wrote in between. */
export class RouteConflictError extends Error {
  override readonly name = 'RouteConflictError';
}

/** What is said about a failure. */
export function toOutcome(error: unknown): Outcome {
  const [reason, message] = explain(error);
  const asked = error instanceof AwayError ? error.retryAfterMs : undefined;
  // A wait that was asked for is kept to; everything else is tried again with a growing pause.
  return asked === undefined ? { state: 'waiting', reason, message, error } : { state: 'waiting', reason, message, recheckMs: asked };
}

function explain(error: unknown): [Reason, string] {
  if (error instanceof AwayError) return [error.reason, error.message];
  if (error instanceof UnavailableError || error instanceof ConflictError) return [Reasons.BrokerAway, 'NATS does not answer; trying again'];
  if (error instanceof StreamFullError) return [Reasons.BrokerAway, 'NATS takes no more data; trying again'];
  if (error instanceof AppError && (error.code === ErrorCode.StoreUnavailable || error.code === ErrorCode.ArtefactMissing || error.code === ErrorCode.ArtefactCorrupt)) {
    return [Reasons.ArtefactStoreAway, `the artefact store failed (${error.message}); trying again`];
  }
  if (error instanceof K8sError) return [Reasons.ApiServerAway, `the Kubernetes API refused a request (${error.reason}); trying again`];
  return [Reasons.InternalError, `internal error (${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}); trying again`];
}
