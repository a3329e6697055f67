import { campaignOf } from '@botplane/contracts';
import { BacklogProgress } from '../domain/backlog-progress.ts';
import type { Freezes } from '../domain/freezes.ts';
import { makesMessage } from '../domain/pacing.ts';
import type { Pacing } from '../domain/pacing.ts';
import { chatToken } from '../domain/sent.ts';
import { BACKLOG_TIDY_MS, BULK_BUSY_MS, BULK_IN_HAND_MAX, PAID_IN_HAND_MAX, STORE_PAUSE_MS } from '../limits.ts';
import type { ChatLine } from './chat-line.ts';
import type { Lease } from './lease.ts';
import { pause } from './pause.ts';
import type { Backlog, BacklogEntry, BulkLaneName, CampaignCounts, DeliveryLog, OutboundMessage } from './ports.ts';

export interface BulkLaneParts {
  readonly backlog: Backlog;
  readonly campaigns: CampaignCounts;
  readonly pacing: Pacing;
  readonly freezes: Freezes;
  readonly log: DeliveryLog;
}

/** Where the lane hands over a call that may go now. */
export interface Chats {
  /** Undefined: the chat has nothing to do. */
  find(botId: string, chat: string): ChatLine | undefined;
  dispatch(message: OutboundMessage, onSettled: () => void): ChatLine;
}

interface Waiting {
  readonly seq: number;
  readonly call: OutboundMessage['call'];
  readonly traceparent: string | undefined;
}

const IN_HAND_MAX = { bulk: BULK_IN_HAND_MAX, paid: PAID_IN_HAND_MAX } as const;

/**
 * The bulk (or paid) calls of one bot. They stay in the stream until there is room, and each goes to its chat only when bot and chat have a
 * token and the chat has nothing else to do: however many wait, they take neither memory nor time from replies.
 */
export class BulkLane {
  private readonly progress = new BacklogProgress();
  /** Calls that were read, by chat, each chat's in order. */
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly dispatched = new Set<string>();
  /** Outcomes by campaign that are not on record yet. */
  private readonly counts = new Map<string, Map<string, number>>();
  private readonly lane: BulkLaneName;
  private readonly botId: string;
  private readonly parts: BulkLaneParts;
  private readonly chats: Chats;
  private readonly lease: Lease;
  private mayHaveMore = false;
  private tidiedMs = 0;
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;

  constructor({ lane, botId }: { lane: BulkLaneName; botId: string }, parts: BulkLaneParts, chats: Chats, lease: Lease) {
    this.lane = lane;
    this.botId = botId;
    this.parts = parts;
    this.chats = chats;
    this.lease = lease;
  }

  get isIdle(): boolean {
    return this.running === undefined;
  }

  /** Calls wait in the stream. */
  look(): void {
    this.mayHaveMore = true;
    this.wake();
    this.running ??= this.run().catch((err: unknown) => this.fail(err)).finally(() => (this.running = undefined));
  }

  /** Resolves when the lane has ended, after the lease did. */
  async ended(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    this.tidiedMs = performance.now();
    await this.lease.botKnown(this.botId);
    while (!this.lease.stopping.aborted && (await this.hasWork())) {
      const next = this.next(performance.now());
      if (typeof next === 'number') await this.waitOrWake(Math.min(next, BACKLOG_TIDY_MS));
      else this.dispatch(next);
      if (performance.now() - this.tidiedMs >= BACKLOG_TIDY_MS) await this.tidy();
    }
    // Also when the partition goes to another owner: what is settled is on record, so this spares it the second look only.
    await this.tidy();
  }

  private fail(err: unknown): void {
    if (this.lease.isOwned) this.parts.log.error({ err, botId: this.botId }, 'bulk lane stopped');
    this.lease.lose('a bulk lane stopped');
  }

  private async hasWork(): Promise<boolean> {
    const room = IN_HAND_MAX[this.lane] - this.progress.openCount;
    if (this.mayHaveMore && room >= IN_HAND_MAX[this.lane] / 2) await this.read(room);
    return this.mayHaveMore || this.progress.openCount > 0;
  }

  private async read(max: number): Promise<void> {
    this.mayHaveMore = false;
    try {
      const entries = await this.parts.backlog.read(this.lane, this.botId, this.progress.next, max);
      this.mayHaveMore ||= entries.length === max;
      for (const entry of entries) this.take(entry);
    } catch (err) {
      this.mayHaveMore = true;
      this.parts.log.warn({ err, botId: this.botId }, 'bulk calls not read');
      await pause(STORE_PAUSE_MS, this.lease.stopping);
    }
  }

  private take({ seq, call, traceparent }: BacklogEntry): void {
    this.progress.read(seq);
    if (!call) return this.progress.settled(seq);
    const chat = chatToken(call);
    const queue = this.waiting.get(chat);
    if (queue) queue.push({ seq, call, traceparent });
    else this.waiting.set(chat, [{ seq, call, traceparent }]);
  }

  /** The chat whose next call may go, or how long until one may. */
  private next(nowMs: number): string | number {
    let shortestMs = BACKLOG_TIDY_MS;
    const botWaitMs = this.parts.pacing.botWaitMs({ lane: this.lane, botId: this.botId }, nowMs);
    for (const [chat, [head]] of this.waiting) {
      if (!head || this.dispatched.has(chat)) continue;
      const waitMs = botWaitMs > 0 && makesMessage(head.call.method) ? botWaitMs : this.chatWaitMs(head.call, chat, nowMs);
      if (waitMs <= 0) return chat;
      shortestMs = Math.min(shortestMs, waitMs);
    }
    return shortestMs;
  }

  private chatWaitMs(call: Waiting['call'], chat: string, nowMs: number): number {
    const { pacing, freezes } = this.parts;
    const waitMs = Math.max(pacing.chatWaitMs(call, chat, nowMs), freezes.waitMs(this.botId, chat, nowMs));
    if (waitMs > 0) return waitMs;
    // A call that had to queue behind replies would go out whenever they end, and not at the rate.
    return this.chats.find(this.botId, chat)?.isIdle === false ? BULK_BUSY_MS : 0;
  }

  private dispatch(chat: string): void {
    const queue = this.waiting.get(chat) ?? [];
    const head = queue.shift();
    // Behind all other chats: none gets a second one before each had one.
    this.waiting.delete(chat);
    if (queue.length > 0) this.waiting.set(chat, queue);
    if (!head) return;
    this.dispatched.add(chat);
    this.parts.pacing.take(head.call, chat, performance.now());
    const line = this.chats.dispatch({ call: head.call, traceparent: head.traceparent, ack: (outcome) => this.onSettled(head, outcome) }, () => void line.settled().then(() => this.onFree(chat)));
  }

  private onSettled({ seq, call }: Waiting, outcome: string): void {
    this.progress.settled(seq);
    const campaign = campaignOf(call.source.key);
    if (campaign === undefined) return;
    const counts = this.counts.get(campaign) ?? new Map<string, number>();
    this.counts.set(campaign, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
  }

  private onFree(chat: string): void {
    this.dispatched.delete(chat);
    this.wake();
  }

  private async waitOrWake(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([pause(ms, this.lease.stopping), woken]);
    this.wake = () => undefined;
  }

  /** Counts what is settled and then removes it from the stream: what is left there after a crash is counted once more, as repeated. */
  private async tidy(): Promise<void> {
    this.tidiedMs = performance.now();
    try {
      for (const [campaign, counts] of this.counts) {
        this.counts.delete(campaign);
        await this.parts.campaigns.add(this.botId, campaign, counts).catch((err: unknown) => this.keepCounts(campaign, counts, err));
      }
      const floor = this.progress.takeFloor();
      const strays = this.progress.takeStrays();
      if (floor !== undefined) await this.parts.backlog.removeBelow(this.lane, this.botId, floor);
      if (strays.length > 0) await this.parts.backlog.remove(strays);
    } catch (err) {
      this.parts.log.warn({ err, botId: this.botId }, 'settled bulk calls not removed');
    }
  }
  /** They are written the next time, with what came meanwhile. */
  private keepCounts(campaign: string, counts: ReadonlyMap<string, number>, err: unknown): never {
    const newer = this.counts.get(campaign) ?? new Map<string, number>();
    for (const [outcome, count] of counts) newer.set(outcome, (newer.get(outcome) ?? 0) + count);
    this.counts.set(campaign, newer);
    throw err;
  }
}
