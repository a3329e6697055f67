import { STREAMS } from '@botplane/contracts';
import { OUTBOUND_PARTITIONS } from '@botplane/domain';
import { TRACEPARENT } from '@botplane/kit';
import type { Log } from '@botplane/kit';
import { Claims } from '@botplane/nats';
import type { ClaimEvent, Nats, Ownership, PartitionMessage, PartitionWork } from '@botplane/nats';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { PartitionDelivery } from '../../app/partition-delivery.ts';
import type { PartitionDeliveryParts } from '../../app/partition-delivery.ts';
import { pause } from '../../app/pause.ts';
import type { OutboundMessage } from '../../app/ports.ts';
import { Wakefulness } from '../../app/wakefulness.ts';
import { chatToken } from '../../domain/sent.ts';
import { BACKLOG_LOOK_MS } from '../../limits.ts';
import type { NatsBacklog } from '../out/nats-backlog.ts';
import { readCall } from './read-call.ts';

/** A reply that was delivered. */
type Reply = Omit<OutboundMessage, 'ack'>;

export interface OutboundConsumerParts extends PartitionDeliveryParts {
  readonly backlog: NatsBacklog;
  readonly countClaim: (event: ClaimEvent['kind']) => void;
}

/** Owns partitions of OUTBOUND, hands their replies to PartitionDelivery and tells it which bots have bulk calls waiting. */
export class OutboundConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly claims: Claims<Reply>;
  private readonly parts: OutboundConsumerParts;
  private readonly log: Log;
  /** The last work of each partition, also when it ended: what it still has with Telegram matters to the next one. */
  private readonly working = new Map<number, PartitionDelivery>();
  private readonly owned = new Set<Ownership>();
  private readonly wakefulness = new Wakefulness(() => this.wakeUp());
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();

  constructor(nats: Nats, member: string, parts: OutboundConsumerParts, log: Log) {
    this.parts = parts;
    this.log = log;
    this.claims = new Claims({
      nats,
      member,
      stream: STREAMS.outbound,
      partitions: OUTBOUND_PARTITIONS,
      filters: (partition) => [`out.reply.${partition}.>`],
      work: (ownership) => this.work(ownership),
      onEvent: (event) => this.tell(event),
    });
  }

  /** Partitions owned now. */
  get ownedCount(): number {
    return this.claims.ownedCount;
  }

  /** Calls that are not settled. */
  get inHand(): number {
    return [...this.working.values()].reduce((sum, delivery) => sum + delivery.inHand, 0);
  }

  onApplicationBootstrap(): void {
    this.wakefulness.start();
    this.claims.start();
    this.looking = this.keepLooking();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.claims.stop();
    await this.looking;
    this.wakefulness.stop();
  }

  private work(ownership: Ownership): PartitionWork<Reply> {
    const delivery = new PartitionDelivery({ ownership, parts: this.parts, confirm: () => this.wakefulness.check(), predecessor: this.working.get(ownership.partition) });
    this.working.set(ownership.partition, delivery);
    this.owned.add(ownership);
    return {
      read: (message) => this.read(message),
      accept: (reply, settle) => delivery.accept({ ...reply, ack: settle }),
      idle: () => delivery.idle(),
      drop: () => {
        this.owned.delete(ownership);
        delivery.drop();
      },
    };
  }

  private read(message: PartitionMessage): { lane: string; item: Reply } | undefined {
    const call = readCall(message.string());
    if (call) return { lane: chatToken(call), item: { call, traceparent: this.parts.tracing === undefined ? undefined : message.headers?.get(TRACEPARENT) } };
    // Nobody can ever send it, and nobody waits for it.
    this.log.error({ subject: message.subject, sequence: message.seq }, 'message is no outbound call');
    this.parts.metrics.settled('unknown', 'malformed', 0);
    return undefined;
  }

  private async keepLooking(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await pause(BACKLOG_LOOK_MS, this.stopping.signal);
      if (this.owned.size > 0) await this.look().catch((err: unknown) => this.log.warn({ err }, 'waiting bulk calls not counted'));
    }
  }

  private async look(): Promise<void> {
    for (const { lane, partition, botId } of await this.parts.backlog.waiting()) this.working.get(partition)?.look(lane, botId);
  }

  private wakeUp(): void {
    this.log.warn({ partitions: this.owned.size }, 'process was asleep: partitions are claimed anew');
    for (const ownership of [...this.owned]) ownership.lose('asleep');
  }

  private tell(event: ClaimEvent): void {
    this.parts.countClaim(event.kind);
    if (event.kind === 'error') return this.log.warn({ err: event.error }, 'claims failed');
    if (event.kind === 'lost') return this.log.warn({ partition: event.partition, reason: event.reason }, 'partition lost');
    this.log.debug({ ...event }, 'partition changed hands');
  }
}
