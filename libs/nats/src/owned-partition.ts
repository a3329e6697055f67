import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Nats } from './connect.ts';
import { atEndOfTurn, endOfTurn } from './end-of-turn.ts';
import { LIMITS } from './limits.ts';
import { SubjectProgress } from './subject-progress.ts';

/** What a service does with the messages of one partition while it owns it. */
export interface PartitionWork {
  /**
   * Takes the next message in stream order. Returns at once, or a promise that holds back the following ones until it resolves.
   * The work calls `settle` (or `message.ack`, which is the same) when it is done; nothing is ever given back. `settle` does not
   * hold on to the message's content. A throw ends the ownership.
   */
  accept(message: JsMsg, settle: () => void): void | Promise<void>;
  /** Resolves when everything accepted is settled. */
  idle(): Promise<void>;
  /** Ownership ended: forget everything, acknowledge and publish nothing more. */
  drop(): void;
}

/** Facts about an ownership, for the work that lives in it. */
export interface Ownership {
  readonly partition: number;
  /** False as soon as the ownership ended; never true again. */
  readonly isOwned: boolean;
  /** Ends the ownership, so that the partition is claimed anew from its ack floor. For errors that leave the order in doubt. */
  lose(reason: string): void;
}

const ACK = Buffer.from('+ACK');

interface Claimed {
  stream: string;
  partition: number;
  consumer: string;
  filters: string[];
  /** Revision of the owner record. */
  revision: number;
  floor: number;
}

/** One partition while this process owns it: pulls, checks for gaps, removes what is settled. */
export class OwnedPartition implements Ownership {
  readonly partition: number;
  isOwned = true;
  private messages: ConsumerMessages | undefined;
  private work: PartitionWork | undefined;
  private nextDelivery = 1;
  private lastSequence = 0;
  private purgedFloor: number;
  private purgedMs = Number.NEGATIVE_INFINITY;
  /** What `lastSequence` was when a purge was last considered. */
  private seenSequence = 0;
  private readonly progress = new SubjectProgress();
  private pulling = true;

  constructor(
    private readonly nats: Nats,
    readonly claimed: Claimed,
    private readonly onLost: (owned: OwnedPartition, reason: string) => void,
  ) {
    this.partition = claimed.partition;
    this.purgedFloor = claimed.floor;
  }

  /** Starts to pull. */
  async start(makeWork: (ownership: Ownership) => PartitionWork): Promise<void> {
    this.work = makeWork(this);
    const consumer = await this.nats.js.consumers.get(this.claimed.stream, this.claimed.consumer);
    if (!this.isOwned) return;
    this.messages = await consumer.consume({
      max_messages: LIMITS.pullMessages,
      expires: LIMITS.pullExpiresMs,
      idle_heartbeat: LIMITS.pullHeartbeatMs,
      abort_on_missing_resource: true,
    });
    void this.follow(this.messages);
    void this.pull(this.messages);
  }

  lose(reason: string): void {
    if (!this.isOwned) return;
    this.isOwned = false;
    this.pulling = false;
    this.messages?.stop();
    this.work?.drop();
    this.onLost(this, reason);
  }

  /** Stops pulling and waits, within bounds, until what is in hand is settled and its acknowledgements are sent. */
  async drain(): Promise<void> {
    this.pulling = false;
    this.messages?.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LIMITS.releaseDrainMs)));
    await Promise.race([this.work?.idle() ?? Promise.resolve(), late]);
    clearTimeout(timer);
    await endOfTurn();
    if (this.isOwned) await this.nats.connection.flush();
  }

  /** Removes what is settled from the stream: when it is much, or when it has been there for long; sooner when nothing has come in since the last look. */
  async purge(): Promise<void> {
    const { stream, filters } = this.claimed;
    const nowMs = performance.now();
    const isQuiet = this.seenSequence === this.lastSequence;
    this.seenSequence = this.lastSequence;
    if (this.isOwned && this.isWorthPurge(isQuiet, nowMs - this.purgedMs)) {
      // Ours, not the server's: what is settled is on record, and its acknowledgement may still be on its way.
      const floor = this.progress.floor(this.lastSequence);
      this.purgedMs = nowMs;
      if (floor > this.purgedFloor) {
        for (const filter of filters) await this.nats.jsm.streams.purge(stream, { filter, seq: floor + 1 });
        this.purgedFloor = floor;
        this.progress.purgedTo(floor);
      }
    }
    for (const { subject, below } of this.progress.takePurges()) {
      if (this.isOwned) await this.nats.jsm.streams.purge(stream, { filter: subject, seq: below });
    }
  }

  private isWorthPurge(isQuiet: boolean, sincePurgeMs: number): boolean {
    const { settledCount } = this.progress;
    return settledCount >= LIMITS.purgeMessages || (settledCount > 0 && sincePurgeMs >= (isQuiet ? LIMITS.purgeQuietMs : LIMITS.purgeMsMax));
  }

  private async pull(messages: ConsumerMessages): Promise<void> {
    try {
      for await (const message of messages) {
        if (!this.pulling) return;
        const { deliverySequence, deliveryCount } = message.info;
        // A message that went missing on the way, or comes again, means that an earlier one may come after a later one.
        if (deliverySequence !== this.nextDelivery || deliveryCount !== 1) {
          this.lose(`delivery ${deliverySequence} (try ${deliveryCount}) where ${this.nextDelivery} was due`);
          return;
        }
        this.nextDelivery++;
        this.lastSequence = message.seq;
        const held = this.work?.accept(message, this.track(message));
        if (held !== undefined) await held;
      }
      if (this.pulling) this.lose('the pull ended');
    } catch (error) {
      this.lose(`the pull failed: ${(error as Error).message}`);
    }
  }

  /** Notes when the message is settled. The new `ack` holds on to the reply subject only. */
  private track(message: JsMsg): () => void {
    const { subject, seq } = message;
    const { reply } = message as JsMsg & { reply: string };
    this.progress.accepted(subject, seq);
    const settle = (): void => {
      this.progress.settled(subject, seq);
      this.acknowledge(reply);
    };
    message.ack = settle;
    return settle;
  }

  private acknowledge(reply: string): void {
    const { connection } = this.nats;
    atEndOfTurn(() => {
      if (!connection.isClosed() && !connection.isDraining()) connection.publish(reply, ACK);
    });
  }

  private async follow(messages: ConsumerMessages): Promise<void> {
    for await (const status of messages.status()) {
      if (status.type === 'consumer_deleted' || status.type === 'consumer_not_found' || status.type === 'stream_not_found') this.lose(status.type);
    }
  }
}
