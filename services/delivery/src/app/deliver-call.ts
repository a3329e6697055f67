import type { DlqEntry, OutboundCall, SentRecord } from '@botplane/contracts';
import { chatMark } from '@botplane/domain';
import type { Span } from '@botplane/kit';
import type { Freezes } from '../domain/freezes.ts';
import { classify } from '../domain/outcome.ts';
import type { BotApiAnswer, Outcome } from '../domain/outcome.ts';
import { paramsOf } from '../domain/sent.ts';
import { FAILURES_MAX, FLEETING_MS_MAX, RETRY_PAUSES_MS, TOKEN_POLL_MS, TOKEN_WAIT_MS_MAX, UNREACHABLE_MS_MAX, UNREACHABLE_PAUSE_MS_MAX, UNREACHABLE_PAUSE_MS_MIN } from '../limits.ts';
import type { Lease } from './lease.ts';
import { pause } from './pause.ts';
import type { BotApi, CallPermit, DeliveryLog, DeliveryMetrics, Tokens } from './ports.ts';
import type { Uploads } from './uploads.ts';

/** How a call ended. */
export interface Verdict {
  readonly outcome: string;
  readonly messageId: number | undefined;
  readonly deadLetter: DlqEntry | undefined;
}

export interface DeliverCallParts {
  readonly api: BotApi;
  readonly tokens: Tokens;
  readonly uploads: Uploads;
  readonly freezes: Freezes;
  readonly metrics: DeliveryMetrics;
  readonly log: DeliveryLog;
}

/** One call and what its delivery needs to know. */
export interface Delivery {
  readonly call: OutboundCall;
  readonly chat: string;
  readonly record: SentRecord;
  readonly lease: Lease;
  /** Puts on record, for whoever owns the chat then, until when Telegram wants the chat or the whole bot left alone. */
  readonly keepFreeze: (freeze: Freeze) => Promise<void>;
  /** Of the work on the call; absent when it is not recorded. */
  readonly span?: Span | undefined;
}

export interface Freeze {
  readonly scope: 'chat' | 'bot';
  /** Ms since the epoch. */
  readonly untilMs: number;
}

interface Tries {
  failures: number;
  /** Since when no connection could be made. */
  unreachableSinceMs: number | undefined;
  params: OutboundCall['params'];
}

/** Brings one call to Telegram, with whatever waiting and repeating that takes. */
export class DeliverCall {
  private readonly api: BotApi;
  private readonly tokens: Tokens;
  private readonly uploads: Uploads;
  private readonly freezes: Freezes;
  private readonly metrics: DeliveryMetrics;
  private readonly log: DeliveryLog;

  constructor({ api, tokens, uploads, freezes, metrics, log }: DeliverCallParts) {
    this.api = api;
    this.tokens = tokens;
    this.uploads = uploads;
    this.freezes = freezes;
    this.metrics = metrics;
    this.log = log;
  }

  /** Undefined: the lease ended first, and the call is the next owner's. */
  async execute(delivery: Delivery): Promise<Verdict | undefined> {
    const { call, chat, record, lease } = delivery;
    if (isFleeting(call) && this.isUseless(call, chat)) return verdict('dropped');
    const params = paramsOf(record, call);
    if (!params) return refused(call, 'ref_unknown', `no message was sent as ${call.ref}`, 0);

    const problem = this.uploads.problemOf(call);
    if (problem !== undefined) return refused(call, 'bad_file', problem, 0);

    const tries: Tries = { failures: 0, unreachableSinceMs: undefined, params };
    while (!lease.stopping.aborted) {
      await this.untilThawed(call.botId, chat, lease);
      const target = await this.target(call.botId, lease);
      lease.confirm();
      if (lease.stopping.aborted) return undefined;
      if (!target) return refused(call, 'no_token', 'the bot has no token', tries.failures);

      // What was answered counts even when the lease ended meanwhile: the next owner should know of it.
      const outcome = await this.ask(target, delivery, tries);
      const end = await this.judge(delivery, outcome, tries);
      if (end) return end;
    }
    return undefined;
  }

  private async ask(target: { token: string; apiRoot: string }, { call, lease, span }: Delivery, tries: Tries): Promise<Outcome | { kind: 'again' }> {
    const prepared = await this.uploads.prepare(call, tries.params, target.token);
    const startedMs = performance.now();
    const calling = span && callSpan(span, target.apiRoot, call.method);
    const answer = await this.api.call(target, prepared.request, permitOf(lease));
    if (calling !== undefined) endSpan(calling, answer);
    this.metrics.called(performance.now() - startedMs);
    const outcome = classify(call.method, answer);
    if (outcome.kind === 'sent' && answer.kind === 'answer' && answer.body?.ok === true) await this.uploads.keep(call.botId, target.token, prepared, answer.body.result);
    if (outcome.kind !== 'refused' || outcome.reason !== 'bad_file' || prepared.kept.length === 0) return outcome;
    // Telegram does not know a file by its old name any more: it goes up again.
    await this.uploads.forget(call.botId, target.token, prepared);
    return { kind: 'again' };
  }

  /** The end of the call, or undefined after the pause that its next try needs. */
  private async judge(delivery: Delivery, outcome: Outcome | { kind: 'again' }, tries: Tries): Promise<Verdict | undefined> {
    const { call, lease } = delivery;
    if (outcome.kind !== 'unreachable') tries.unreachableSinceMs = undefined;
    switch (outcome.kind) {
      case 'sent':
        return verdict('sent', outcome.messageId);
      case 'again':
        return undefined;
      case 'moot':
        return verdict(outcome.reason);
      case 'refused':
        return refused(call, outcome.reason, outcome.message, tries.failures + 1);
      case 'migrated':
        return this.migrate(call, outcome.chatId, tries);
      case 'frozen':
        return this.freeze(delivery, outcome.forMs);
      case 'failed':
        return this.fail(call, outcome, tries, lease);
      case 'unreachable':
        return this.waitForTelegram(call, outcome.message, tries, lease);
    }
  }

  private migrate(call: OutboundCall, chatId: number, tries: Tries): Verdict | undefined {
    if (tries.params['chat_id'] === chatId) return refused(call, 'chat_not_found', 'the chat moved to itself', tries.failures + 1);
    tries.params = { ...tries.params, chat_id: chatId };
    this.metrics.retried('migrated');
    return undefined;
  }

  private async freeze({ call, chat, keepFreeze }: Delivery, forMs: number): Promise<Verdict | undefined> {
    const untilMs = Date.now() + forMs;
    const scope = this.freezes.freeze(call.botId, chat, forMs, performance.now()) ? 'bot' : 'chat';
    this.metrics.froze(scope);
    this.log.warn({ botId: call.botId, chat: chatMark(call.botId, `c${chat}`), method: call.method, forMs, scope }, 'telegram asks for a pause');
    await keepFreeze({ scope, untilMs });
    return isFleeting(call) ? verdict('dropped') : undefined;
  }

  private async fail(call: OutboundCall, outcome: Outcome & { kind: 'failed' }, tries: Tries, lease: Lease): Promise<Verdict | undefined> {
    tries.failures += 1;
    this.metrics.retried(outcome.reason);
    if (outcome.isAmbiguous) this.metrics.ambiguous();
    if (isFleeting(call)) return verdict('dropped');
    if (tries.failures >= FAILURES_MAX) return refused(call, outcome.reason, outcome.message, tries.failures);
    await pause(RETRY_PAUSES_MS[tries.failures - 1] ?? RETRY_PAUSES_MS[1], lease.stopping);
    return undefined;
  }

  /** Nothing was sent, so waiting costs nothing but time: the chat's order is kept while Telegram is away. */
  private async waitForTelegram(call: OutboundCall, message: string, tries: Tries, lease: Lease): Promise<Verdict | undefined> {
    const nowMs = performance.now();
    tries.unreachableSinceMs ??= nowMs;
    const sinceMs = nowMs - tries.unreachableSinceMs;
    this.metrics.retried('unreachable');
    if (isFleeting(call)) return verdict('dropped');
    if (sinceMs >= UNREACHABLE_MS_MAX) return refused(call, 'unreachable', message, tries.failures);
    await pause(Math.min(UNREACHABLE_PAUSE_MS_MAX, Math.max(UNREACHABLE_PAUSE_MS_MIN, sinceMs)), lease.stopping);
    return undefined;
  }

  private async untilThawed(botId: string, chat: string, lease: Lease): Promise<void> {
    for (;;) {
      const waitMs = this.freezes.waitMs(botId, chat, performance.now());
      if (waitMs <= 0 || lease.stopping.aborted) return;
      await pause(waitMs, lease.stopping);
    }
  }

  /** The bot's token; waits for one that may be on its way. */
  private async target(botId: string, lease: Lease): Promise<{ token: string; apiRoot: string } | undefined> {
    const sinceMs = performance.now();
    while (!lease.stopping.aborted) {
      try {
        const found = this.tokens.find(botId);
        if (found) return found;
        if (this.tokens.isSynced() && performance.now() - sinceMs >= TOKEN_WAIT_MS_MAX) return undefined;
      } catch (err) {
        // A key that does not fit is the operator's mistake, not the call's: it waits until that is mended.
        this.log.error({ err, botId }, 'token cannot be opened');
        await pause(TOKEN_WAIT_MS_MAX, lease.stopping);
      }
      await pause(TOKEN_POLL_MS, lease.stopping);
    }
    return undefined;
  }

  private isUseless(call: OutboundCall, chat: string): boolean {
    return Date.now() - call.acceptedMs > FLEETING_MS_MAX || this.freezes.waitMs(call.botId, chat, performance.now()) > 0;
  }
}

/** The URL is not told: it holds the token. */
const callSpan = (span: Span, apiRoot: string, method: string): Span =>
  span.child(`POST /bot{token}/${method}`, 'client', { 'http.request.method': 'POST', 'url.template': `/bot{token}/${method}`, 'server.address': URL.parse(apiRoot)?.hostname ?? '' });

function endSpan(span: Span, answer: BotApiAnswer): void {
  if (answer.kind !== 'answer') span.fail(answer.kind);
  else {
    span.set({ 'http.response.status_code': answer.status });
    if (answer.status >= 400) span.fail(String(answer.status));
  }
  span.end();
}

/** Worth something only at once: dropped instead of queued. */
const isFleeting = (call: OutboundCall): boolean => call.method === 'sendChatAction' || call.method === 'sendMessageDraft';

/** A process that falls asleep must not send what another owner has sent meanwhile. */
const permitOf = (lease: Lease): CallPermit => ({
  mayStart: () => (lease.confirm(), !lease.stopping.aborted),
  mayGoOn: () => (lease.confirm(), lease.isOwned), // What has started is brought to an end at a release.
});

const verdict = (outcome: string, messageId?: number): Verdict => ({ outcome, messageId, deadLetter: undefined });

function refused(call: OutboundCall, reason: string, message: string, attempts: number): Verdict {
  const { key, seq, n } = call.source;
  const deadLetter: DlqEntry = { v: 1, botId: call.botId, subjectId: `${key}:${seq}:${n}`, reason, message: message.slice(0, 1_024), attempts, failedMs: Date.now(), payload: JSON.parse(JSON.stringify(call)) as DlqEntry['payload'] };
  return { outcome: reason, messageId: undefined, deadLetter };
}
