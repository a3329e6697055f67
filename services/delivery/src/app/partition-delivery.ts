import { chatToken } from '../domain/sent.ts';
import { CHATS_CACHED_MAX } from '../limits.ts';
import { BulkLane } from './bulk-lane.ts';
import type { Chats } from './bulk-lane.ts';
import { ChatLine } from './chat-line.ts';
import type { ChatLineParts } from './chat-line.ts';
import { KnownBots } from './known-bots.ts';
import type { Lease } from './lease.ts';
import type { Backlog, BulkLaneName, CampaignCounts, OutboundMessage } from './ports.ts';

export interface PartitionDeliveryParts extends ChatLineParts {
  readonly backlog: Backlog;
  readonly campaigns: CampaignCounts;
}

export interface PartitionDeliveryOptions {
  readonly ownership: { readonly isOwned: boolean; lose(reason: string): void };
  readonly parts: PartitionDeliveryParts;
  readonly confirm: () => void;
  /** Who owned the partition in this process before: what it has with Telegram is waited for, so that it is not sent again. */
  readonly predecessor?: PartitionDelivery | undefined;
}

/** All chats of one partition, for as long as it is owned. */
export class PartitionDelivery implements Lease, Chats {
  readonly stopping: AbortSignal;
  readonly confirm: () => void;
  private readonly lines = new Map<string, ChatLine>();
  private readonly bulkLanes = new Map<string, BulkLane>();
  private readonly knownBots: KnownBots;
  private readonly parts: PartitionDeliveryParts;
  private readonly ownership: PartitionDeliveryOptions['ownership'];
  private readonly stop = new AbortController();
  private count = 0;
  private predecessor: Promise<void> | undefined;

  constructor({ ownership, parts, confirm, predecessor }: PartitionDeliveryOptions) {
    this.ownership = ownership;
    this.parts = parts;
    this.confirm = confirm;
    this.predecessor = predecessor?.settled().then(() => {
      this.predecessor = undefined;
    });
    this.stopping = this.stop.signal;
    this.knownBots = new KnownBots(parts, this.stopping);
  }

  get isOwned(): boolean {
    return this.ownership.isOwned;
  }

  /** Calls that are not settled; of the bulk lanes those that are on their way. */
  get inHand(): number {
    return this.count;
  }

  lose(reason: string): void {
    this.ownership.lose(reason);
  }

  botKnown(botId: string): Promise<void> | undefined {
    return this.knownBots.know(botId);
  }

  /** Takes the next call of a chat; the promise resolves when it may take others. */
  accept(message: OutboundMessage): void | Promise<void> {
    if (this.predecessor) return this.predecessor.then(() => this.accept(message));
    if (this.stopping.aborted) return;
    this.parts.crashes.hit('after-receive');
    this.dispatch(message, () => undefined);
  }

  /** Calls of a bulk lane wait in the stream. Harmless to say more than once. */
  look(lane: BulkLaneName, botId: string): void {
    if (this.predecessor || this.stopping.aborted) return;
    const key = `${lane}/${botId}`;
    const known = this.bulkLanes.get(key);
    if (known?.isIdle === false) return known.look();
    // One that came to its end starts anew, so that lanes without calls are not kept.
    this.forgetEnded();
    const made = new BulkLane({ lane, botId }, this.parts, this, this);
    this.bulkLanes.set(key, made);
    made.look();
  }

  find(botId: string, chat: string): ChatLine | undefined {
    return this.lines.get(`${botId}/${chat}`);
  }

  dispatch(message: OutboundMessage, onSettled: () => void): ChatLine {
    this.count += 1;
    const line = this.lineOf(message);
    line.push(message, () => {
      this.count = Math.max(0, this.count - 1);
      onSettled();
    });
    return line;
  }

  /** No call is started any more; resolves when those that are with Telegram are settled. The others are the next owner's. */
  async idle(): Promise<void> {
    this.stop.abort();
    await this.settled();
    await Promise.all([...this.bulkLanes.values()].map((lane) => lane.ended()));
  }

  /** Resolves when nothing is with Telegram any more. */
  async settled(): Promise<void> {
    await this.predecessor;
    await Promise.all([...this.lines.values()].map((line) => line.settled()));
  }

  /** The partition is not ours any more. */
  drop(): void {
    this.stop.abort();
    this.count = 0;
  }

  private lineOf(message: OutboundMessage): ChatLine {
    const chat = chatToken(message.call);
    const key = `${message.call.botId}/${chat}`;
    const known = this.lines.get(key);
    if (known) return known;
    if (this.lines.size >= CHATS_CACHED_MAX) this.forgetIdle();
    const line = new ChatLine(message.call.botId, chat, this.parts, this);
    this.lines.set(key, line);
    return line;
  }

  /** Their records are read again when they talk again. */
  private forgetIdle(): void {
    for (const [key, line] of this.lines) {
      if (line.isIdle) this.lines.delete(key);
      if (this.lines.size < CHATS_CACHED_MAX / 2) return;
    }
  }

  private forgetEnded(): void {
    for (const [key, lane] of this.bulkLanes) if (lane.isIdle) this.bulkLanes.delete(key);
  }
}
