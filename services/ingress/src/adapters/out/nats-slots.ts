import { BUCKETS } from '@botplane/contracts';
import type { OwnerRecord } from '@botplane/contracts';
import { Membership, TypedBucket, WatchedBucket, assignPartitions } from '@botplane/nats';
import type { Nats, Versioned } from '@botplane/nats';
import type { PollLog } from '../../app/ports.ts';
import { POLLER_SLOTS } from '../../domain/poller-slot.ts';
import { SLOTS_CLAIMED_AT_ONCE_MAX, SLOT_HANDOVER_MS_MAX, SLOT_LISTEN_MS, SLOT_SLEEP_MS_MIN, SLOT_TICK_MS } from '../../limits.ts';

const GROUP = 'POLLERS';

export interface SlotEvents {
  /** Called after what is owned may have changed, and regularly. */
  changed(owns: (slot: number) => boolean): void;
  /** A slot is handed over: resolves once nothing of it is under way. */
  releasing(slot: number): Promise<void>;
}

/**
 * Who polls which slot: heartbeats on core NATS say who lives, rendezvous says who should own, and a record in KV `owners` that
 * changes only by compare-and-set says who does. It saves Telegram two pollers at once; that nothing is lost or doubled does not
 * depend on it, since a batch is confirmed only once it is stored, under ids that make repeats harmless.
 */
export class NatsSlots {
  private readonly owners: TypedBucket<OwnerRecord>;
  private readonly mirror: WatchedBucket<OwnerRecord>;
  private readonly membership: Membership;
  private readonly owned = new Map<number, { revision: number }>();
  private readonly wantedSinceMs = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;
  private ticking: Promise<void> | undefined;
  private startedMs = 0;
  private tickedMs = performance.now();

  constructor(
    private readonly nats: Nats,
    private readonly member: string,
    private readonly events: SlotEvents,
    private readonly log: PollLog,
  ) {
    this.owners = new TypedBucket(nats.jsm, BUCKETS.owners);
    this.mirror = new WatchedBucket(this.owners, { filter: `${GROUP}.*`, onChange: ({ key, entry }) => this.overruled(Number(key.slice(GROUP.length + 1)), entry), onError: (err) => log.warn({ err }, 'watch of owners failed') });
    this.membership = new Membership(nats.connection, GROUP, member);
  }

  get ownedCount(): number {
    return this.owned.size;
  }

  start(): void {
    this.membership.start();
    void this.followConnection();
    // Time to hear who else is there, so that a start does not take what others hold.
    this.startedMs = performance.now();
    this.timer = setInterval(() => {
      this.ticking ??= this.tick().finally(() => (this.ticking = undefined));
    }, SLOT_TICK_MS);
  }

  /** Gives every slot back, so that another process takes over at once. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.ticking;
    await Promise.all([...this.owned.keys()].map((slot) => this.release(slot)));
    this.membership.stop();
    await this.mirror.close();
  }

  private async tick(): Promise<void> {
    const nowMs = performance.now();
    // A process that was frozen heard nobody meanwhile: that is its own silence, not theirs.
    if (nowMs - this.tickedMs > SLOT_SLEEP_MS_MIN) this.membership.forgetOthers();
    this.tickedMs = nowMs;
    try {
      if (this.mirror.isReady && nowMs - this.startedMs > SLOT_LISTEN_MS) await this.claimAndRelease();
    } catch (err) {
      this.log.warn({ err }, 'slots were not claimed');
    }
    this.tell();
  }

  private async claimAndRelease(): Promise<void> {
    const wanted = assignPartitions(this.membership.alive(), POLLER_SLOTS);
    await Promise.all([...this.owned.keys()].filter((slot) => wanted[slot] !== this.member).map((slot) => this.release(slot)));
    const missing = wanted.flatMap((owner, slot) => (owner === this.member && !this.owned.has(slot) ? [slot] : []));
    for (const slot of this.wantedSinceMs.keys()) if (!missing.includes(slot)) this.wantedSinceMs.delete(slot);
    for (let at = 0; at < missing.length; at += SLOTS_CLAIMED_AT_ONCE_MAX) await Promise.all(missing.slice(at, at + SLOTS_CLAIMED_AT_ONCE_MAX).map((slot) => this.claim(slot)));
  }

  private async claim(slot: number): Promise<void> {
    const current = this.mirror.get(this.key(slot));
    if (this.mustWait(slot, current?.value)) return;
    const record: OwnerRecord = { v: 1, member: this.member, consumer: '', floor: 0 };
    const revision = current === undefined ? await this.owners.create(this.key(slot), record) : await this.owners.update(this.key(slot), record, current.revision);
    if (revision === 'conflict') return;
    this.wantedSinceMs.delete(slot);
    this.owned.set(slot, { revision });
  }

  /** A living owner hands over by itself; one that does not is overruled. */
  private mustWait(slot: number, record: OwnerRecord | undefined): boolean {
    const owner = record?.member ?? null;
    if (owner === null || owner === this.member || !this.membership.mayBeAlive(owner)) return false;
    const sinceMs = this.wantedSinceMs.get(slot) ?? performance.now();
    this.wantedSinceMs.set(slot, sinceMs);
    return performance.now() - sinceMs < SLOT_HANDOVER_MS_MAX;
  }

  private async release(slot: number): Promise<void> {
    const held = this.owned.get(slot);
    if (!held) return;
    this.owned.delete(slot);
    await this.events.releasing(slot);
    if (this.nats.connection.isClosed()) return;
    await this.owners.update(this.key(slot), { v: 1, member: null, consumer: '', floor: 0 }, held.revision).catch((err: unknown) => this.log.warn({ err, slot }, 'slot was not given back'));
  }

  /** Another process owns the slot now, whatever we believed. */
  private overruled(slot: number, entry: Versioned<OwnerRecord> | undefined): void {
    const held = this.owned.get(slot);
    // What was written before our own claim may be heard of after it.
    if (!held || (entry !== undefined && entry.revision <= held.revision)) return;
    this.owned.delete(slot);
    this.log.warn({ slot, owner: entry?.value.member }, 'slot is owned by another process');
    this.tell();
  }

  /** Without NATS nothing can be stored, so nothing is fetched. */
  private async followConnection(): Promise<void> {
    for await (const { type } of this.nats.connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      this.membership.forgetOthers();
      this.owned.clear();
      this.tell();
    }
  }

  private tell(): void {
    this.events.changed((slot) => this.owned.has(slot));
  }

  private key(slot: number): string {
    return `${GROUP}.${slot}`;
  }
}
