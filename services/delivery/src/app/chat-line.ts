import { outboxMessageId } from '@botplane/contracts';
import type { OutboundCall } from '@botplane/contracts';
import { chatMark } from '@botplane/domain';
import { processSpan } from '@botplane/kit';
import type { Span, Tracing } from '@botplane/kit';
import { isRevisionsFault } from '../domain/blame.ts';
import type { Freezes } from '../domain/freezes.ts';
import { keptMessage } from '../domain/kept-message.ts';
import type { Pacing } from '../domain/pacing.ts';
import { EMPTY_SENT, isRecorded, isSettled, settle } from '../domain/sent.ts';
import { AFTERLIFE_MS_MAX, STORE_PAUSE_MS } from '../limits.ts';
import type { DeliverCall, Freeze, Verdict } from './deliver-call.ts';
import type { Lease } from './lease.ts';
import { pause } from './pause.ts';
import type { Crashes, DeadLetters, DeliveryLog, DeliveryMetrics, KeptMessages, OutboundMessage, RevisionLetters, SentRecords, StoredSent } from './ports.ts';

/** Replies go first: they answer somebody who waits. */
const LANES = ['reply', 'paid', 'bulk'] as const;

export interface ChatLineParts {
  readonly deliver: DeliverCall;
  readonly sent: SentRecords;
  readonly deadLetters: DeadLetters;
  readonly revisionLetters: RevisionLetters;
  readonly kept: KeptMessages;
  readonly pacing: Pacing;
  readonly freezes: Freezes;
  readonly metrics: DeliveryMetrics;
  readonly log: DeliveryLog;
  readonly crashes: Crashes;
  readonly tracing?: Tracing | undefined;
}

/** The calls of one chat: one at a time over all lanes, in order within a lane. */
export class ChatLine {
  private readonly lanes: Record<OutboundCall['lane'], OutboundMessage[]> = { reply: [], paid: [], bulk: [] };
  private readonly botId: string;
  private readonly chat: string;
  private readonly parts: ChatLineParts;
  private readonly lease: Lease;
  private stored: StoredSent | undefined;
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;

  constructor(botId: string, chat: string, parts: ChatLineParts, lease: Lease) {
    this.botId = botId;
    this.chat = chat;
    this.parts = parts;
    this.lease = lease;
  }

  /** In every log line about the chat. */
  private get names(): { botId: string; chat: string } {
    return { botId: this.botId, chat: chatMark(this.botId, `c${this.chat}`) };
  }

  get isIdle(): boolean {
    return this.running === undefined;
  }

  /** Takes a call; `onSettled` follows once it is off our hands or left to the next owner. Those of the bulk lanes were paced already. */
  push(message: OutboundMessage, onSettled: () => void): void {
    this.lanes[message.call.lane].push({ call: message.call, traceparent: message.traceparent, ack: (outcome) => (message.ack(outcome), onSettled()) });
    this.wake();
    this.running ??= this.run();
  }

  /** Resolves when nothing is with Telegram any more. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (!this.lease.stopping.aborted) {
        const next = this.next();
        if (next === undefined) break;
        if (typeof next === 'number') await this.waitOrWake(next);
        else await this.work(next);
      }
    } catch (err) {
      if (this.lease.isOwned) this.parts.log.error({ err, ...this.names }, 'chat stopped');
      this.lease.lose('a chat stopped');
    } finally {
      this.running = undefined;
    }
  }

  /** The next call that may go, how long until one may, or nothing. */
  private next(): OutboundMessage | number | undefined {
    const reply = this.lanes.reply[0];
    const waitMs = reply ? this.parts.pacing.chatWaitMs(reply.call, this.chat, performance.now()) : undefined;
    const lane = LANES.find((name) => this.lanes[name].length > 0 && (name !== 'reply' || waitMs === 0));
    return lane === undefined ? waitMs : this.lanes[lane].shift();
  }

  private async waitOrWake(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([pause(ms, this.lease.stopping), woken]);
    this.wake = () => undefined;
  }

  private begin(tracing: Tracing, { call, traceparent }: OutboundMessage): Span | undefined {
    const { lane, method, revision, source, botId } = call;
    const span = processSpan(tracing, traceparent, { destination: 'out', subject: `out.${lane}`, id: outboxMessageId(botId, source.seq, source.n) });
    span?.set({ 'botplane.bot.id': botId, 'botplane.lane': lane, 'botplane.method': method, 'botplane.revision': revision });
    return span;
  }

  /** Ends the span however the work ends: one that is left to the next owner is to be seen, too. */
  private async work(message: OutboundMessage): Promise<void> {
    const span = this.parts.tracing && this.begin(this.parts.tracing, message);
    let end: 'settled' | 'lease_lost' | 'stopped' = 'stopped';
    try {
      end = (await this.bringOut(message, span)) ? 'settled' : 'lease_lost';
    } finally {
      if (end !== 'settled') span?.fail(end);
      span?.end();
    }
  }

  /** False when the lease ended first, and the call is the next owner's. */
  private async bringOut(message: OutboundMessage, span: Span | undefined): Promise<boolean> {
    const { call } = message;
    await this.lease.botKnown(this.botId);
    if (isRecorded(call)) {
      const stored = await this.storedSent();
      if (!stored) return false;
      if (isSettled(stored.record, call)) {
        this.parts.metrics.settled(call.lane, 'repeated', 0);
        if (span !== undefined) this.told(span, call, 'repeated');
        message.ack('repeated');
        return true;
      }
    }
    if (call.lane === 'reply') this.parts.pacing.take(call, this.chat, performance.now());
    this.parts.crashes.hit('before-send');
    const record = this.stored?.record ?? EMPTY_SENT;
    const verdict = await this.parts.deliver.execute({ call, chat: this.chat, record, lease: this.lease, span, keepFreeze: (freeze) => this.keepFreeze(freeze) });
    this.parts.crashes.hit('after-send');
    return verdict !== undefined && (await this.settle(message, verdict, span));
  }

  /** Undefined when it could not be read before the lease ended. */
  private async storedSent(): Promise<StoredSent | undefined> {
    if (this.stored) return this.stored;
    this.stored = await this.untilDone(() => this.parts.sent.load(this.botId, this.chat), 'sent record not read');
    const frozenMs = (this.stored?.record.frozenUntilMs ?? 0) - Date.now();
    this.parts.freezes.restore(this.botId, this.chat, frozenMs, performance.now());
    return this.stored;
  }

  /** First what became of it and what is kept of it, then that it is done, then the ack: in this order nothing is lost and little is repeated. False: the lease ended first. */
  private async settle(message: OutboundMessage, verdict: Verdict, span: Span | undefined): Promise<boolean> {
    const { call } = message;
    const { deadLetter } = verdict;
    if (deadLetter) {
      const id = `out:${call.botId}:${this.chat}:${call.lane}:${deadLetter.subjectId}`;
      const put = await this.untilDone(async () => (await this.parts.deadLetters.put(deadLetter, id), true), 'dead letter not stored');
      if (!put) return false;
      this.parts.crashes.hit('after-dead-letter');
      this.parts.metrics.deadLettered(deadLetter.reason);
      if (isRevisionsFault(deadLetter.reason)) this.parts.revisionLetters.add(call.botId, call.revision);
      this.parts.log.warn({ ...span?.ids, ...this.names, method: call.method, reason: deadLetter.reason, subjectId: deadLetter.subjectId }, 'call went to the dlq');
      span?.fail(deadLetter.reason);
    }
    const recording = span?.child('record sent', 'internal');
    if (verdict.outcome === 'sent' && !(await this.keep(call, verdict.messageId))) return false;
    if (isRecorded(call) && !(await this.remember(call, verdict.messageId))) return false;
    recording?.end();
    if (!this.lease.isOwned) return false;
    this.parts.crashes.hit('before-ack');
    message.ack(verdict.outcome);
    this.parts.metrics.settled(call.lane, verdict.outcome, Date.now() - call.acceptedMs);
    if (span !== undefined) this.told(span, call, verdict.outcome);
    return true;
  }

  private told(span: Span, { method, lane, source }: OutboundCall, outcome: string): void {
    span.set({ 'botplane.outcome': outcome });
    this.parts.log.info({ ...span.ids, ...this.names, method, lane, seq: source.seq, outcome }, 'call is settled');
  }

  /** Before the sent record: a crash in between sends the call again, and never loses a message that was sent. False: the lease and its afterlife ended. */
  private async keep(call: OutboundCall, messageId: number | undefined): Promise<boolean> {
    const message = keptMessage(call, messageId, Date.now());
    if (message === undefined) return true;
    if (!(await this.untilDone(async () => (await this.parts.kept.put(message), true), 'message not kept'))) return false;
    this.parts.crashes.hit('after-kept-message');
    return true;
  }

  private async remember(call: OutboundCall, messageId: number | undefined): Promise<boolean> {
    if (!(await this.write((record) => settle(record, call, messageId, Date.now()), 'sent record not written'))) return false;
    this.parts.crashes.hit('after-sent-record');
    return true;
  }

  /** Before the wait for its end begins: whoever owns the chat when it ends must know of it. */
  private async keepFreeze({ scope, untilMs }: Freeze): Promise<void> {
    const { sent } = this.parts;
    await this.write((record) => ({ ...record, frozenUntilMs: Math.max(untilMs, record.frozenUntilMs ?? 0) }), 'freeze not written');
    if (scope === 'bot') await this.untilDone(() => sent.saveBotFreeze(this.botId, untilMs), 'freeze of the bot not written');
    this.parts.crashes.hit('after-freeze');
  }

  /** False when the lease ended first. Calls that leave no record have none to change either. */
  private async write(change: (record: StoredSent['record']) => StoredSent['record'], message: string): Promise<boolean> {
    const { stored } = this;
    if (!stored) return false;
    const record = change(stored.record);
    const revision = await this.untilDone(() => this.save(record, stored.revision), message);
    if (revision === undefined) return false;
    this.stored = { record, revision };
    return true;
  }

  private async save(record: StoredSent['record'], revision: number): Promise<number> {
    const saved = await this.parts.sent.save(this.botId, this.chat, record, revision);
    if (saved !== 'conflict') return saved;
    // An earlier try of ours may have been written although its answer was lost.
    const present = await this.parts.sent.load(this.botId, this.chat);
    if (JSON.stringify(present.record) === JSON.stringify(record)) return present.revision;
    throw new SentConflictError();
  }

  /** Asks the store until it answers; undefined when the lease ended and its afterlife too. Compare-and-set keeps a late write harmless. */
  private async untilDone<T>(work: () => Promise<T>, message: string): Promise<T | undefined> {
    const untilMs = performance.now() + AFTERLIFE_MS_MAX;
    while (this.lease.isOwned || performance.now() < untilMs) {
      try {
        return await work();
      } catch (err) {
        if (err instanceof SentConflictError) throw err;
        this.parts.log.warn({ err, ...this.names }, message);
        await new Promise((resolve) => setTimeout(resolve, STORE_PAUSE_MS));
      }
    }
    return undefined;
  }
}

/** Another process wrote a record that only the owner of the partition may write. */
class SentConflictError extends Error {
  override readonly name = 'SentConflictError';

  constructor() {
    super('the sent record was written by another owner');
  }
}
