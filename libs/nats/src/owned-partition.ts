import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Nats } from './connect.ts';
import { atEndOfTurn, endOfTurn } from './end-of-turn.ts';
import { LIMITS } from './limits.ts';
import { readAgain } from './partition-message.ts';
import type { PartitionMessage } from './partition-message.ts';
import { pause } from './pause.ts';
import { Rooms } from './rooms.ts';
import { SubjectProgress } from './subject-progress.ts';

/** What a service does with the messages of one partition while it owns it. */
export interface PartitionWork<Item> {
  /** What a message says, and the lane within which messages of its subject are kept in order. Undefined: nobody can ever work on it, and it is settled. */
  read(message: PartitionMessage): { lane: string; item: Item } | undefined;
  /**
   * Takes the next one, in stream order within its lane. Returns at once, or a promise that holds back the following ones until it resolves.
   * The work calls `settle` when it is done; nothing is ever given back. A throw ends the ownership.
   */
  accept(item: Item, settle: () => void): void | Promise<void>;
  /** It has to wait until there is room; `accept` follows then. */
  wait?(item: Item): void;
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

/** What is kept of a message that waits in the stream. */
interface Waiting {
  readonly seq: number;
  readonly reply: string;
}

/** Partitions that were claimed together would else be purged together, again and again. */
const drawPatience = (): number => 0.5 + Math.random() / 2;

/** One partition while this process owns it: pulls, checks for gaps, hands out within bounds, removes what is settled. */
export class OwnedPartition<Item = unknown> implements Ownership {
  readonly partition: number;
  isOwned = true;
  private messages: ConsumerMessages | undefined;
  private work: PartitionWork<Item> | undefined;
  private nextDelivery = 1;
  private lastSequence = 0;
  private purgedFloor: number;
  /** When a purge was last considered, how many messages had been settled then, and how much of the longest time passes until the next one, 0..1. */
  private considered = { ms: Number.NEGATIVE_INFINITY, settled: 0, patience: drawPatience() };
  /** What `lastSequence` was when a purge was last considered. */
  private seenSequence = 0;
  private readonly progress = new SubjectProgress();
  private readonly rooms = new Rooms<Waiting>({ allMax: LIMITS.inHandMax, subjectMax: LIMITS.inHandPerSubjectMax, laneMax: LIMITS.inHandPerLaneMax });
  /** Messages that waited are being read. */
  private isBringing = false;
  private readonly stopped = new AbortController();

  constructor(
    private readonly nats: Nats,
    readonly claimed: Claimed,
    private readonly onLost: (owned: OwnedPartition<Item>, reason: string) => void,
  ) {
    this.partition = claimed.partition;
    this.purgedFloor = claimed.floor;
  }

  /** Starts to pull. */
  async start(makeWork: (ownership: Ownership) => PartitionWork<Item>): Promise<void> {
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
    this.stop();
    this.work?.drop();
    this.onLost(this, reason);
  }

  /** Stops pulling and waits, for so long at most, until what is begun is settled and its acknowledgements are sent. */
  async drain(msMax: number): Promise<void> {
    this.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, msMax)));
    await Promise.race([this.work?.idle() ?? Promise.resolve(), late]);
    clearTimeout(timer);
    await endOfTurn();
    if (this.isOwned) await this.nats.connection.flush();
  }

  /** Removes what is settled from the stream: when it is much, or when it has been there for long; sooner when nothing has come in since the last look. */
  async purge(): Promise<void> {
    const { stream, filters } = this.claimed;
    const isQuiet = this.seenSequence === this.lastSequence;
    this.seenSequence = this.lastSequence;
    if (this.isOwned && this.isPurgeDue(isQuiet)) {
      // Ours, not the server's: what is settled is on record, and its acknowledgement may still be on its way.
      const floor = this.progress.floor(this.lastSequence);
      this.considered = { ms: performance.now(), settled: this.progress.settledCount, patience: drawPatience() };
      if (floor > this.purgedFloor && this.progress.isWorthPurge(floor, isQuiet ? 1 : LIMITS.purgeMessagesMin)) {
        for (const filter of filters) await this.nats.jsm.streams.purge(stream, { filter, seq: floor + 1 });
        this.purgedFloor = floor;
        this.progress.purgedTo(floor);
      }
    }
    for (const { subject, below } of this.progress.takePurges()) {
      if (this.isOwned) await this.nats.jsm.streams.purge(stream, { filter: subject, seq: below });
    }
  }

  private isPurgeDue(isQuiet: boolean): boolean {
    const { ms, settled, patience } = this.considered;
    const sinceMs = performance.now() - ms;
    return this.progress.settledCount - settled >= LIMITS.purgeMessages || sinceMs >= (isQuiet ? LIMITS.purgeQuietMs : LIMITS.purgeMsMax * patience);
  }

  private async pull(messages: ConsumerMessages): Promise<void> {
    try {
      for await (const message of messages) {
        if (!this.isPulling) return;
        const { deliverySequence, deliveryCount } = message.info;
        // A message that went missing on the way, or comes again, means that an earlier one may come after a later one.
        if (deliverySequence !== this.nextDelivery || deliveryCount !== 1) {
          this.lose(`delivery ${deliverySequence} (try ${deliveryCount}) where ${this.nextDelivery} was due`);
          return;
        }
        this.nextDelivery++;
        this.lastSequence = message.seq;
        const held = this.take(message);
        if (held !== undefined) await held;
      }
      if (this.isPulling) this.lose('the pull ended');
    } catch (error) {
      this.lose(`the pull failed: ${(error as Error).message}`);
    }
  }

  private get isPulling(): boolean {
    return !this.stopped.signal.aborted;
  }

  private stop(): void {
    this.stopped.abort();
    this.messages?.stop();
  }

  /** Hands it over, or lets it wait for room. */
  private take(message: JsMsg): void | Promise<void> {
    const { subject, seq } = message;
    const { reply } = message as JsMsg & { reply: string };
    this.progress.accepted(subject, seq);
    const read = this.work?.read(message);
    if (read === undefined) return void this.settle(subject, { seq, reply });
    const { lane, item } = read;
    if (this.rooms.enter(subject, lane, () => ({ seq, reply }))) return this.work?.accept(item, this.settling(subject, lane, { seq, reply }));
    return this.work?.wait?.(item);
  }

  /** Reads those that wait and have a place now, and hands them over, until there are none. */
  private async bring(): Promise<void> {
    this.isBringing = true;
    try {
      for (let next = this.rooms.take(LIMITS.rereadMax); next.length > 0; next = this.rooms.take(LIMITS.rereadMax)) {
        const messages = await Promise.all(next.map(({ message }) => this.readAgain(message.seq)));
        for (const [at, seated] of next.entries()) {
          if (!this.isPulling) return;
          this.rooms.arrive(seated);
          const { subject, lane, message } = seated;
          const settle = this.settling(subject, lane, message);
          const stored = messages[at];
          const read = stored === undefined ? undefined : this.work?.read(stored);
          if (read === undefined) settle();
          else await this.work?.accept(read.item, settle);
        }
      }
    } catch (error) {
      this.lose(`a waiting message could not be handed over: ${(error as Error).message}`);
    } finally {
      this.isBringing = false;
    }
  }

  /** Undefined: it was removed from the stream, or this ownership came to its end. */
  private async readAgain(seq: number): Promise<PartitionMessage | undefined> {
    while (this.isPulling) {
      try {
        return await readAgain(this.nats.jsm, this.claimed.stream, seq);
      } catch {
        await pause(LIMITS.rereadPauseMs, this.stopped.signal);
      }
    }
    return undefined;
  }

  /** Settles a message that has a place, and lets others have it. */
  private settling(subject: string, lane: string, message: Waiting): () => void {
    return () => {
      if (!this.settle(subject, message)) return;
      this.rooms.leave(subject, lane);
      if (this.isPulling && !this.isBringing && this.rooms.hasWaiting) void this.bring();
    };
  }

  /** False: it was settled before. */
  private settle(subject: string, { seq, reply }: Waiting): boolean {
    const isFirst = this.progress.settled(subject, seq);
    if (isFirst) this.acknowledge(reply);
    return isFirst;
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
