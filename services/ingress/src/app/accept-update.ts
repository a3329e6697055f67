import { chatMark } from '@botplane/domain';
import { AppError, ErrorCode, toAppError } from '@botplane/kit';
import type { Span } from '@botplane/kit';
import { decideAdmission, refused } from '../domain/admission.ts';
import type { Admission, Refusal, StoreRefusal } from '../domain/admission.ts';
import type { BotShares } from '../domain/bot-shares.ts';
import { readUpdate } from '../domain/stored-update.ts';
import type { StoredUpdate } from '../domain/stored-update.ts';
import { UPDATES_IN_FLIGHT_MAX } from '../limits.ts';
import type { IngressMetrics, PollLog, Routes, UpdateLog } from './ports.ts';

/** What the sender of a webhook request is told. */
export type Answer = { kind: 'accepted' } | { kind: 'refused'; reason: Refusal | StoreRefusal };

/** Takes updates from Telegram: what is answered `accepted` is on disk. */
export class AcceptUpdate {
  private readonly routes: Routes;
  private readonly log: UpdateLog;
  private readonly metrics: IngressMetrics;
  private readonly shares: BotShares;
  private readonly logger: Pick<PollLog, 'info'> | undefined;
  private inFlightCount = 0;
  private isDraining = false;

  /** `logger` hears of updates whose trace is recorded. */
  constructor(routes: Routes, log: UpdateLog, metrics: IngressMetrics, shares: BotShares, logger?: Pick<PollLog, 'info'>) {
    this.routes = routes;
    this.log = log;
    this.metrics = metrics;
    this.shares = shares;
    this.logger = logger;
  }

  /** Updates that are being published. */
  get inFlight(): number {
    return this.inFlightCount;
  }

  /** From now on Telegram keeps its updates. */
  drain(): void {
    this.isDraining = true;
  }

  /** Before the body is read: may this sender hand in updates of this bot, and now? */
  admit(botId: string, secret: string | undefined, isSourceAllowed: boolean): Admission {
    const admission = this.decide(botId, secret, isSourceAllowed);
    if (admission.kind === 'refused') this.metrics.refused(admission.reason);
    return admission;
  }

  /** Only who knows the secret uses up the bot's rate. */
  private decide(botId: string, secret: string | undefined, isSourceAllowed: boolean): Admission {
    if (!isSourceAllowed) return refused('source_refused');
    const admission = decideAdmission(this.routes.find(botId), this.routes.isSynced(), secret);
    if (admission.kind === 'refused' || this.shares.takeRate(botId, performance.now())) return admission;
    return refused('rate_limited');
  }

  /** Stores the body of an admitted request. */
  async store(admission: Admission & { kind: 'admitted' }, body: Uint8Array, span?: Span): Promise<Answer> {
    if (this.isDraining) return this.refuse('shutting_down');
    if (this.inFlightCount >= UPDATES_IN_FLIGHT_MAX) return this.refuse('overloaded');
    const update = readUpdate(admission.route.botId, admission.route.stateKey, body, Date.now());
    if (!update) return this.refuse('not_an_update');
    const startedMs = performance.now();
    if (!this.shares.enter(update.botId, startedMs)) return this.refuse('bot_overloaded');

    this.inFlightCount += 1;
    try {
      const result = await this.log.append(update, span);
      this.metrics.accepted(result === 'duplicate', performance.now() - startedMs);
      if (span !== undefined) this.tell(update, result, span);
      return { kind: 'accepted' };
    } catch (error) {
      return this.refuse(reasonOf(error));
    } finally {
      this.inFlightCount -= 1;
      this.shares.leave(update.botId);
    }
  }

  private tell({ botId, orderKey, updateId, kind }: StoredUpdate, result: 'stored' | 'duplicate', span: Span): void {
    span.set({ 'botplane.update.id': updateId, 'botplane.update.kind': kind, 'botplane.outcome': result });
    this.logger?.info({ ...span.ids, botId, chat: chatMark(botId, orderKey), updateId, kind, result }, 'update is stored');
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
