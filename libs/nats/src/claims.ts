import { BUCKETS } from '@botplane/contracts';
import type { OwnerRecord } from '@botplane/contracts';
import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import { nanos, nuid } from '@nats-io/nats-core';
import { assignPartitions } from './assign-partitions.ts';
import type { Nats } from './connect.ts';
import { LIMITS } from './limits.ts';
import { Membership } from './membership.ts';
import { OwnedPartition } from './owned-partition.ts';
import type { Ownership, PartitionWork } from './owned-partition.ts';
import { pause } from './pause.ts';
import { TypedBucket } from './typed-bucket.ts';
import type { Versioned } from './typed-bucket.ts';

export type ClaimEvent =
  | { kind: 'claimed'; partition: number; consumer: string; floor: number }
  | { kind: 'released'; partition: number }
  | { kind: 'lost'; partition: number; reason: string }
  | { kind: 'error'; error: Error };

export interface ClaimsOptions<Item> {
  nats: Nats;
  stream: string;
  /** Never changes for a stream. */
  partitions: number;
  /** Name of this process, new at each start: letters, digits, `-`. */
  member: string;
  /** Subjects of a partition, with wildcards. */
  filters: (partition: number) => string[];
  /** Makes the work of a partition that is owned from now on. */
  work: (ownership: Ownership) => PartitionWork<Item>;
  /** A partition that goes to another member gets this long to finish what is begun, ms; the next owner begins the rest anew. Default 10 s. */
  drainMsMax?: number;
  onEvent?: (event: ClaimEvent) => void;
}

/** What the server says of the consumer that an owner record names. */
interface LastConsumer {
  /** Undefined: there is no such consumer. */
  readonly ackFloor?: number;
  /** Its owner is connected, or was a moment ago. */
  readonly isAtWork: boolean;
}

const GONE: LastConsumer = { isAtWork: false };

/** Undefined when the consumer is not there: another member was here first, or it went with an earlier claim that did not get further. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.message.includes('consumer not found')) return undefined;
    throw error;
  }
}

/**
 * Ownership of partitions (design section 4.2). The owner record changes only by compare-and-set, and each claim has a consumer of its
 * own: the old owner gets an error at once, and its late acknowledgements mean nothing to the new one.
 */
export class Claims<Item = unknown> {
  private readonly owners: TypedBucket<OwnerRecord>;
  private readonly membership: Membership;
  private readonly owned = new Map<number, OwnedPartition<Item>>();
  private readonly releasing = new Map<number, Promise<void>>();
  private readonly wantedSince = new Map<number, number>();
  /** Grows when the connection is lost: a claim that began before is not used. */
  private generation = 0;
  private readonly stopping = new AbortController();
  private running = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly options: ClaimsOptions<Item>) {
    this.owners = new TypedBucket(options.nats.jsm, BUCKETS.owners);
    this.membership = new Membership(options.nats.connection, options.stream, options.member);
  }

  /** Partitions owned right now. */
  get ownedCount(): number {
    return this.owned.size;
  }

  /** Begins to hear who else is there. Optional: a process that takes its time to start does this first, and has waited by then. */
  listen(): void {
    this.membership.listen();
  }

  start(): void {
    this.running = true;
    this.membership.start();
    void this.followConnection();
    this.loop = Promise.all([this.keepClaiming(), this.keepPurging()]).then(() => undefined);
  }

  /** Finishes what is in hand, within bounds, and gives every partition back, so that another member takes over at once. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    this.stopping.abort();
    await this.loop;
    await Promise.all([...this.owned.values()].map((owned) => this.release(owned)));
    this.membership.stop();
    if (!this.options.nats.connection.isClosed()) await this.options.nats.connection.flush();
  }

  private async keepClaiming(): Promise<void> {
    // Long enough to hear who else is there, so that a start does not take what others hold.
    await this.membership.heard(this.stopping.signal);
    while (this.running) {
      await this.tick().catch((error: Error) => this.tell({ kind: 'error', error }));
      const pausedAtMs = performance.now();
      await pause(LIMITS.claimTickMs, this.stopping.signal);
      // A process that was frozen heard nobody meanwhile: that is its own silence, not theirs.
      if (performance.now() - pausedAtMs > LIMITS.memberDeadMs / 2) this.membership.forgetOthers();
    }
  }

  private async tick(): Promise<void> {
    const { member, partitions } = this.options;
    const wanted = assignPartitions(this.membership.alive(), partitions);
    for (const owned of this.owned.values()) if (wanted[owned.partition] !== member) void this.release(owned);
    const missing = wanted.flatMap((owner, partition) => (owner === member && !this.owned.has(partition) && !this.releasing.has(partition) ? [partition] : []));
    for (const partition of this.wantedSince.keys()) if (!missing.includes(partition)) this.wantedSince.delete(partition);
    for (let at = 0; at < missing.length && this.running; at += LIMITS.claimsInFlightMax) {
      await Promise.all(missing.slice(at, at + LIMITS.claimsInFlightMax).map((partition) => this.tryToClaim(partition)));
    }
  }

  /** One partition whose consumer does not answer holds up no other. */
  private async tryToClaim(partition: number): Promise<void> {
    await this.claim(partition).catch((error: Error) => this.tell({ kind: 'error', error }));
  }

  private async claim(partition: number): Promise<void> {
    const generation = this.generation;
    const current = await this.owners.get(this.key(partition));
    const other = this.otherOwner(current?.value);
    if (other !== undefined && this.membership.mayBeAlive(other) && this.mayWait(partition)) return;
    const last = await this.lookUp(current?.value);
    if (other !== undefined && last.isAtWork && this.membership.mayBeBusy(other) && this.mayWait(partition)) return;
    const { floor, wasThere } = await this.retire(current?.value, last);
    const consumer = `x-${this.options.stream}-${partition}-${nuid.next()}`;
    const revision = await this.put(partition, { v: 1, member: this.options.member, consumer, floor }, current);
    if (revision === 'conflict') return;
    // Its owner may have slept between its record and its consumer, which would now come to be.
    if (!wasThere) await this.retire(current?.value, await this.lookUp(current?.value));
    const filters = this.options.filters(partition);
    await this.options.nats.jsm.consumers.add(this.options.stream, {
      durable_name: consumer,
      filter_subjects: filters,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(LIMITS.ackWaitMs),
      max_ack_pending: Math.floor(LIMITS.ackPendingOfStreamMax / this.options.partitions),
      // What it knows is worth nothing after a restart of the server: acknowledgements are not durable anyway, and what is settled is judged
      // by records and soon purged. In files it costs the server more than the messages themselves.
      mem_storage: true,
      ...(floor > 0 ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 } : { deliver_policy: DeliverPolicy.All }),
    });
    if (generation !== this.generation || !this.running) return;
    // And so may we have: then the record is another's, who found no consumer of ours to delete.
    if ((await this.owners.get(this.key(partition)))?.revision !== revision) {
      await this.options.nats.jsm.consumers.delete(this.options.stream, consumer);
      return;
    }
    const owned = new OwnedPartition<Item>(this.options.nats, { stream: this.options.stream, partition, consumer, filters, revision, floor }, (lost, reason) => this.lost(lost, reason));
    this.owned.set(partition, owned);
    this.wantedSince.delete(partition);
    this.tell({ kind: 'claimed', partition, consumer, floor });
    await owned.start(this.options.work).catch((error: Error) => owned.lose(`could not start: ${error.message}`));
  }

  private otherOwner(record: OwnerRecord | undefined): string | undefined {
    const { member = null } = record ?? {};
    return member === null || member === this.options.member ? undefined : member;
  }

  /** A living owner hands over by itself; one that does not is overruled, which the claim makes safe. */
  private mayWait(partition: number): boolean {
    const since = this.wantedSince.get(partition) ?? performance.now();
    this.wantedSince.set(partition, since);
    return performance.now() - since < LIMITS.handoverWaitMs;
  }

  private async lookUp(record: OwnerRecord | undefined): Promise<LastConsumer> {
    if (record === undefined) return GONE;
    const info = await unlessGone(this.options.nats.jsm.consumers.info(this.options.stream, record.consumer));
    if (info === undefined) return GONE;
    // The server keeps a pull only while the connection that asked is there. One that was served to the end is gone, too: then as much is in hand.
    return { ackFloor: info.ack_floor.stream_seq, isAtWork: info.num_waiting > 0 || info.num_ack_pending >= LIMITS.pullMessages / 2 };
  }

  /** Deletes the last owner's consumer, if it is there, and returns the floor to start behind. */
  private async retire(record: OwnerRecord | undefined, { ackFloor }: LastConsumer): Promise<{ floor: number; wasThere: boolean }> {
    if (record === undefined) return { floor: 0, wasThere: false };
    const wasThere = ackFloor !== undefined && (await unlessGone(this.options.nats.jsm.consumers.delete(this.options.stream, record.consumer))) !== undefined;
    return { floor: wasThere ? Math.max(ackFloor, record.floor) : record.floor, wasThere };
  }

  private async put(partition: number, record: OwnerRecord, current: Versioned<OwnerRecord> | undefined): Promise<number | 'conflict'> {
    const key = this.key(partition);
    return current === undefined ? this.owners.create(key, record) : this.owners.update(key, record, current.revision);
  }

  private release(owned: OwnedPartition<Item>): Promise<void> {
    const { partition } = owned;
    const underway = this.releasing.get(partition);
    if (underway !== undefined) return underway;
    const release = this.releaseNow(owned)
      .catch((error: Error) => this.tell({ kind: 'error', error }))
      .finally(() => this.releasing.delete(partition));
    this.releasing.set(partition, release);
    return release;
  }

  private async releaseNow(owned: OwnedPartition<Item>): Promise<void> {
    await owned.drain(this.options.drainMsMax ?? LIMITS.releaseDrainMs);
    if (!owned.isOwned) return;
    owned.lose('released');
    const { consumer, floor, revision } = owned.claimed;
    // The consumer stays: the next owner reads its floor before it deletes it.
    await this.owners.update(this.key(owned.partition), { v: 1, member: null, consumer, floor }, revision);
    this.tell({ kind: 'released', partition: owned.partition });
  }

  private lost(owned: OwnedPartition<Item>, reason: string): void {
    if (this.owned.get(owned.partition) === owned) this.owned.delete(owned.partition);
    if (reason !== 'released') this.tell({ kind: 'lost', partition: owned.partition, reason });
  }

  /** What was on its way when the connection broke is lost without a trace, so everything is claimed anew. */
  private async followConnection(): Promise<void> {
    for await (const status of this.options.nats.connection.status()) {
      if (status.type !== 'disconnect' && status.type !== 'reconnect') continue;
      this.generation++;
      this.membership.forgetOthers();
      for (const owned of this.owned.values()) owned.lose(status.type);
    }
  }

  /** Looks at each partition once per interval, at a few in each turn: purges of all at once would hold up what the server stores meanwhile. */
  private async keepPurging(): Promise<void> {
    const turns = LIMITS.purgeIntervalMs / LIMITS.purgeTurnMs;
    for (let due: OwnedPartition<Item>[] = [], turn = 0; this.running; turn = (turn + 1) % turns) {
      if (turn === 0) due = [...this.owned.values()];
      await pause(LIMITS.purgeTurnMs, this.stopping.signal);
      for (const owned of due.splice(0, Math.ceil(due.length / (turns - turn)))) await owned.purge().catch((error: Error) => this.tell({ kind: 'error', error }));
    }
  }

  private key(partition: number): string {
    return `${this.options.stream}.${partition}`;
  }

  private tell(event: ClaimEvent): void {
    this.options.onEvent?.(event);
  }
}
