import type { OutboundCall } from '@botplane/contracts';
import { keptMessage } from '../domain/kept-message.ts';
import type { Pacing } from '../domain/pacing.ts';
import { EMPTY_SENT, isRecorded, isSettled, settle } from '../domain/sent.ts';
import { AFTERLIFE_MS_MAX, STORE_PAUSE_MS } from '../limits.ts';
import type { DeliverCall, Verdict } from './deliver-call.ts';
import type { Lease } from './lease.ts';
import { pause } from './pause.ts';
import type { Crashes, DeadLetters, DeliveryLog, DeliveryMetrics, KeptMessages, OutboundMessage, SentRecords, StoredSent } from './ports.ts';

/** Replies go first: they answer somebody who waits. */
const LANES = ['reply', 'paid', 'bulk'] as const;

export interface ChatLineParts {
  readonly deliver: DeliverCall;
  readonly sent: SentRecords;
  readonly deadLetters: DeadLetters;
  readonly kept: KeptMessages;
  readonly pacing: Pacing;
  readonly metrics: DeliveryMetrics;
  readonly log: DeliveryLog;
  readonly crashes: Crashes;
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

  get isIdle(): boolean {
    return this.running === undefined;
  }

  /** Takes a call; `onSettled` follows once it is off our hands or left to the next owner. */
  push(message: OutboundMessage, onSettled: () => void): void {
    this.lanes[message.call.lane].push({ call: message.call, ack: () => (message.ack(), onSettled()) });
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
      if (this.lease.isOwned) this.parts.log.error({ err, botId: this.botId }, 'chat stopped');
      this.lease.lose('a chat stopped');
    } finally {
      this.running = undefined;
    }
  }

  /** The next call that may go, how long until one may, or nothing. */
  private next(): OutboundMessage | number | undefined {
    let shortestMs: number | undefined;
    const nowMs = performance.now();
    for (const lane of LANES) {
      const head = this.lanes[lane][0];
      if (!head) continue;
      const waitMs = this.parts.pacing.waitMs(head.call, this.chat, nowMs);
      if (waitMs <= 0) return this.lanes[lane].shift();
      shortestMs = Math.min(waitMs, shortestMs ?? waitMs);
    }
    return shortestMs;
  }

  private async waitOrWake(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([pause(ms, this.lease.stopping), woken]);
    this.wake = () => undefined;
  }

  private async work(message: OutboundMessage): Promise<void> {
    const { call } = message;
    const stored = isRecorded(call) ? await this.storedSent() : undefined;
    if (!stored && isRecorded(call)) return;
    if (stored && isSettled(stored.record, call)) {
      this.parts.metrics.settled(call.lane, 'repeated', 0);
      return message.ack();
    }
    this.parts.pacing.take(call, this.chat, performance.now());
    this.parts.crashes.hit('before-send');
    const verdict = await this.parts.deliver.execute(call, this.chat, stored?.record ?? EMPTY_SENT, this.lease);
    this.parts.crashes.hit('after-send');
    if (verdict) await this.settle(message, verdict, stored);
  }

  /** Undefined when it could not be read before the lease ended. */
  private async storedSent(): Promise<StoredSent | undefined> {
    this.stored ??= await this.untilDone(() => this.parts.sent.load(this.botId, this.chat), 'sent record not read');
    return this.stored;
  }

  /** First what became of it and what is kept of it, then that it is done, then the ack: in this order nothing is lost and little is repeated. */
  private async settle(message: OutboundMessage, verdict: Verdict, stored: StoredSent | undefined): Promise<void> {
    const { call } = message;
    const { deadLetter } = verdict;
    if (deadLetter) {
      const id = `out:${call.botId}:${this.chat}:${call.lane}:${deadLetter.subjectId}`;
      const put = await this.untilDone(async () => (await this.parts.deadLetters.put(deadLetter, id), true), 'dead letter not stored');
      if (!put) return;
      this.parts.metrics.deadLettered(deadLetter.reason);
      this.parts.log.warn({ botId: call.botId, method: call.method, reason: deadLetter.reason, subjectId: deadLetter.subjectId }, 'call went to the dlq');
    }
    if (verdict.outcome === 'sent' && !(await this.keep(call, verdict.messageId))) return;
    if (stored && !(await this.remember(stored, call, verdict.messageId))) return;
    if (!this.lease.isOwned) return;
    this.parts.crashes.hit('before-ack');
    message.ack();
    this.parts.metrics.settled(call.lane, verdict.outcome, Date.now() - call.acceptedMs);
  }

  /** Before the sent record: a crash in between sends the call again, and never loses a message that was sent. False: the lease and its afterlife ended. */
  private async keep(call: OutboundCall, messageId: number | undefined): Promise<boolean> {
    const message = keptMessage(call, messageId, Date.now());
    if (message === undefined) return true;
    return (await this.untilDone(async () => (await this.parts.kept.put(message), true), 'message not kept')) ?? false;
  }

  private async remember(stored: StoredSent, call: OutboundCall, messageId: number | undefined): Promise<boolean> {
    const record = settle(stored.record, call, messageId);
    const revision = await this.untilDone(() => this.save(record, stored.revision), 'sent record not written');
    if (revision === undefined) return false;
    this.stored = { record, revision };
    this.parts.crashes.hit('after-sent-record');
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
        this.parts.log.warn({ err, botId: this.botId }, message);
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
