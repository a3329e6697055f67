import { AppError, ErrorCode, toAppError } from '@botplane/kit';
import { decideAdmission } from '../domain/admission.ts';
import type { Admission, Refusal } from '../domain/admission.ts';
import { readUpdate } from '../domain/stored-update.ts';
import { UPDATES_IN_FLIGHT_MAX } from '../limits.ts';
import type { IngressMetrics, Routes, UpdateLog } from './ports.ts';

/** What the sender of a webhook request is told. */
export type Answer = { kind: 'accepted' } | { kind: 'refused'; reason: Refusal | 'not_an_update' | 'overloaded' | 'store_full' | 'store_unavailable' | 'shutting_down' };

/** Takes updates from Telegram: what is answered `accepted` is on disk. */
export class AcceptUpdate {
  private readonly routes: Routes;
  private readonly log: UpdateLog;
  private readonly metrics: IngressMetrics;
  private inFlightCount = 0;
  private isDraining = false;

  constructor(routes: Routes, log: UpdateLog, metrics: IngressMetrics) {
    this.routes = routes;
    this.log = log;
    this.metrics = metrics;
  }

  /** Updates that are being published. */
  get inFlight(): number {
    return this.inFlightCount;
  }

  /** From now on Telegram keeps its updates. */
  drain(): void {
    this.isDraining = true;
  }

  /** Before the body is read: may this sender hand in updates of this bot? */
  admit(botId: string, secret: string | undefined): Admission {
    const admission = decideAdmission(this.routes.find(botId), this.routes.isSynced(), secret);
    if (admission.kind === 'refused') this.metrics.refused(admission.reason);
    return admission;
  }

  /** Stores the body of an admitted request. */
  async store(admission: Admission & { kind: 'admitted' }, body: Uint8Array): Promise<Answer> {
    if (this.isDraining) return this.refuse('shutting_down');
    if (this.inFlightCount >= UPDATES_IN_FLIGHT_MAX) return this.refuse('overloaded');
    const update = readUpdate(admission.route.botId, admission.route.stateKey, body, Date.now());
    if (!update) return this.refuse('not_an_update');

    this.inFlightCount += 1;
    const startedMs = performance.now();
    try {
      const result = await this.log.append(update);
      this.metrics.accepted(result === 'duplicate', performance.now() - startedMs);
      return { kind: 'accepted' };
    } catch (error) {
      return this.refuse(reasonOf(error));
    } finally {
      this.inFlightCount -= 1;
    }
  }

  private refuse(reason: (Answer & { kind: 'refused' })['reason']): Answer {
    this.metrics.refused(reason);
    return { kind: 'refused', reason };
  }
}

function reasonOf(error: unknown): 'store_full' | 'store_unavailable' {
  const { code } = toAppError(error);
  if (code === ErrorCode.StoreFull) return 'store_full';
  if (code === ErrorCode.StoreUnavailable) return 'store_unavailable';
  throw error instanceof Error ? error : new AppError(ErrorCode.Internal, 'internal error');
}
