import type { RouteRecord } from '@botplane/contracts';
import { chatMark } from '@botplane/domain';
import type { Span, Tracing } from '@botplane/kit';
import { backoffMs } from '../domain/backoff.ts';
import { readUpdate } from '../domain/stored-update.ts';
import type { StoredUpdate } from '../domain/stored-update.ts';
import { POLL_PAUSE_MS_MAX, POLL_PAUSE_MS_MIN, POLL_REFUSED_PAUSE_MS, UPDATE_BYTES_MAX } from '../limits.ts';
import { pause } from './pause.ts';
import type { PollAnswer, PollLog, PollMetrics, PolledRoutes, Tokens, UpdateLog, UpdatesSource } from './ports.ts';

export interface PollBotParts {
  readonly routes: PolledRoutes;
  readonly tokens: Tokens;
  readonly source: UpdatesSource;
  readonly log: UpdateLog;
  readonly metrics: PollMetrics;
  readonly logger: PollLog;
  readonly tracing?: Tracing | undefined;
}

type Batch = (PollAnswer & { kind: 'updates' })['updates'];

/** Takes one bot's updates from Telegram, batch after batch. A batch is confirmed only once all of it is on disk. */
export class PollBot {
  private offset: number | undefined;
  /** Updates of a batch that is not confirmed yet. It comes whole again, maybe when the stream knows their message ids no more. */
  private readonly stored = new Set<number>();
  /** Troubles in a row. */
  private failures = 0;

  constructor(
    private readonly botId: string,
    private readonly parts: PollBotParts,
  ) {}

  /** Resolves after the signal was raised, with nothing under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.step(signal).catch((err: unknown) => this.trouble({ err }, 'polling failed'));
      if (pauseMs > 0) await pause(pauseMs, signal);
    }
  }

  /** One getUpdates; returns the pause before the next one. */
  private async step(signal: AbortSignal): Promise<number> {
    const { routes, tokens, source, metrics } = this.parts;
    const route = routes.find(this.botId);
    const target = tokens.find(this.botId);
    if (!route || !target) return POLL_PAUSE_MS_MIN;
    const answer = await source.poll(target, { offset: this.offset, allowedUpdates: route.allowedUpdates }, signal);
    if (signal.aborted) return 0;
    metrics.polled(answer.kind);
    switch (answer.kind) {
      case 'updates':
        return this.take(route, answer.updates);
      case 'conflict':
        return this.trouble({ description: answer.description }, 'somebody else takes the updates of this bot');
      case 'refused':
        this.trouble({ description: answer.description }, 'telegram refuses the token');
        return POLL_REFUSED_PAUSE_MS;
      case 'wait':
        return Math.min(answer.forMs, POLL_REFUSED_PAUSE_MS);
      case 'failed':
        return this.trouble({ description: answer.description }, 'telegram does not answer');
    }
  }

  private async take(route: RouteRecord, updates: Batch): Promise<number> {
    try {
      await this.store(route, updates);
    } catch (err) {
      this.parts.metrics.polled('store_away');
      return this.trouble({ err }, 'updates were not stored; telegram keeps them');
    }
    const last = updates.at(-1);
    if (last) this.offset = last.updateId + 1;
    this.stored.clear();
    this.failures = 0;
    return 0;
  }

  /** Chats at the same time, the updates of one chat one after the other: what was not stored must not be overtaken. */
  private async store(route: RouteRecord, updates: Batch): Promise<void> {
    const chains = new Map<string, StoredUpdate[]>();
    for (const { updateId, body } of updates) {
      if (this.stored.has(updateId)) continue;
      const update = this.read(route, updateId, body);
      if (!update) continue;
      const chain = chains.get(update.orderKey);
      if (chain) chain.push(update);
      else chains.set(update.orderKey, [update]);
    }
    const ends = await Promise.allSettled([...chains.values()].map((chain) => this.appendAll(chain)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async appendAll(chain: readonly StoredUpdate[]): Promise<void> {
    for (const update of chain) {
      const startedMs = performance.now();
      const span = this.parts.tracing && this.begin(update);
      try {
        const result = await this.parts.log.append(update, span);
        this.stored.add(update.updateId);
        this.parts.metrics.accepted(result === 'duplicate', performance.now() - startedMs);
        if (span) this.parts.logger.info({ ...span.ids, botId: this.botId, chat: chatMark(this.botId, update.orderKey), updateId: update.updateId, kind: update.kind, result }, 'update is stored');
      } finally {
        span?.end();
      }
    }
  }

  private begin({ updateId, kind }: StoredUpdate): Span | undefined {
    return this.parts.tracing?.begin('receive update', 'consumer', { 'botplane.bot.id': this.botId, 'botplane.update.id': updateId, 'botplane.update.kind': kind });
  }

  /** Undefined for what could never be stored: to wait with it would hold up all that follows. */
  private read(route: RouteRecord, updateId: number, body: Uint8Array): StoredUpdate | undefined {
    const update = body.length > UPDATE_BYTES_MAX ? undefined : readUpdate(route.botId, route.stateKey, body, Date.now());
    if (update) return update;
    this.parts.metrics.refused(body.length > UPDATE_BYTES_MAX ? 'too_large' : 'not_an_update');
    this.parts.logger.error({ botId: this.botId, updateId, bytes: body.length }, 'update is dropped: it cannot be stored');
    return undefined;
  }

  private trouble(fields: object, message: string): number {
    this.failures += 1;
    const pauseMs = backoffMs(this.failures, POLL_PAUSE_MS_MIN, POLL_PAUSE_MS_MAX);
    this.parts.logger.warn({ botId: this.botId, ...fields, failures: this.failures, pauseMs }, message);
    return pauseMs;
  }
}
