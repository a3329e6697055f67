import { HEADERS, STREAMS, subjects } from '@botplane/contracts';
import { TRACEPARENT, processSpan } from '@botplane/kit';
import type { Log, Tracing } from '@botplane/kit';
import type { Nats, Ownership, PartitionWork } from '@botplane/nats';
import { Chain } from '../../app/chain.ts';
import type { FairScheduler } from '../../app/fair-scheduler.ts';
import type { Crashes, Outbox, Records, Routes } from '../../app/ports.ts';
import type { Head, RunUpdate } from '../../app/run-update.ts';
import { routedRevision } from '../../domain/choose-revision.ts';
import { readMessage } from '../../domain/incoming-update.ts';
import type { IncomingUpdate } from '../../domain/incoming-update.ts';
import { earlyAnswer } from '../../domain/outbox.ts';
import { LIMITS } from '../../limits.ts';

export interface UpdatesConsumerParts {
  nats: Nats;
  scheduler: FairScheduler;
  runUpdate: RunUpdate;
  /** Records with a memory of their own, for one ownership. */
  makeRecords: () => Records;
  routes: Routes;
  outbox: Outbox;
  log: Log;
  crashes: Crashes;
  countUnreadable: () => void;
  tracing?: Tracing | undefined;
}

type Message = Parameters<PartitionWork['accept']>[0];

/** Puts the updates of owned partitions into chains and acknowledges what is settled. */
export class UpdatesConsumer {
  private ownerships = 0;

  constructor(private readonly parts: UpdatesConsumerParts) {}

  /** The work of one partition, from claim to loss. */
  work(ownership: Ownership): PartitionWork {
    return new PartitionChains(this.parts, ownership, ++this.ownerships);
  }
}

class PartitionChains implements PartitionWork {
  private readonly records: Records;
  private readonly chains = new Map<string, Chain>();
  /** Heads between two tries; their spans are open. */
  private readonly resting = new Set<Head>();
  private running = 0;
  private isDraining = false;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(
    private readonly parts: UpdatesConsumerParts,
    private readonly ownership: Ownership,
    private readonly ownershipId: number,
  ) {
    this.records = parts.makeRecords();
  }

  accept(message: Message, ack: () => void): void {
    if (this.isDraining) return;
    this.parts.crashes.hit('after-receive');
    const update = readUpdate(message);
    if (update === undefined) {
      this.parts.log.error({ subject: message.subject, seq: message.seq }, 'update cannot be read');
      this.parts.countUnreadable();
      ack();
      return;
    }
    // An ownership never shares a chain with an earlier one: what still runs of that must not hold this one up.
    const key = `${this.ownershipId}/${update.botId}/${update.orderKey}`;
    const waiting = this.parts.scheduler.chainLength(key);
    const traceparent = this.parts.tracing === undefined ? undefined : message.headers?.get(TRACEPARENT) || undefined;
    const answeredEarly = waiting > 0 ? this.answer(update, traceparent) : Promise.resolve(false);
    this.enqueue(key, update, { ack, isHeld: waiting < LIMITS.inHandPerKeyMax, answeredEarly, traceparent });
  }

  /** Finishes what runs; what waits in chains is left to the next owner, who gets it in the same order. */
  async idle(): Promise<void> {
    this.isDraining = true;
    this.dropChains();
    if (this.running > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  drop(): void {
    this.dropChains();
    for (const wake of this.idleWaiters.splice(0)) wake();
  }

  private dropChains(): void {
    for (const key of this.chains.keys()) this.parts.scheduler.drop(key);
    this.chains.clear();
    for (const head of this.resting) leave(head);
    this.resting.clear();
  }

  private enqueue(key: string, update: IncomingUpdate, options: { ack: () => void; isHeld: boolean; answeredEarly: Promise<boolean>; traceparent: string | undefined }): void {
    const { seq, botId, stateKey, kind, updateId } = update;
    const held = options.isHeld ? update : undefined;
    const read = async (): Promise<IncomingUpdate> => held ?? this.fetch(seq);
    const chain = this.chainOf(key);
    let head: Head | undefined;
    chain.push({ seq, stateKey, kind, updateId, read });
    this.parts.scheduler.enqueue(botId, key, {
      run: async (place) => {
        this.running++;
        try {
          if (head === undefined) {
            head = { update: await read(), chain, records: this.records, isOwned: () => this.ownership.isOwned, answeredEarly: options.answeredEarly, firstTryMs: undefined, undisturbedMs: undefined, outages: 0 };
            if (options.traceparent !== undefined) this.trace(head.update, options.traceparent);
          }
          this.resting.delete(head);
          const result = await this.parts.runUpdate.execute(head, place);
          if (result === 'settled' && this.ownership.isOwned) this.settle(key, chain, options.ack);
          if (result === 'settled') head.update.span?.end();
          else if (this.chains.get(key) === chain) this.resting.add(head);
          else leave(head);
          return result;
        } catch {
          return { retryAfterMs: LIMITS.outageRetryMsMin }; // Only the stream throws.
        } finally {
          this.running--;
          if (this.running === 0) for (const wake of this.idleWaiters.splice(0)) wake();
        }
      },
    });
  }

  private trace(update: IncomingUpdate, traceparent: string): void {
    const { botId, partition, seq, kind, updateId } = update;
    const span = processSpan(this.parts.tracing, traceparent, { destination: 'updates', subject: subjects.update(partition, botId), id: String(seq) });
    if (span === undefined) return;
    span.set({ 'botplane.bot.id': botId, 'botplane.update.kind': kind, 'messaging.destination.partition.id': String(partition), ...(updateId === undefined ? {} : { 'botplane.update.id': updateId }) });
    update.span = span;
  }

  private chainOf(key: string): Chain {
    let chain = this.chains.get(key);
    if (chain === undefined) {
      chain = new Chain();
      this.chains.set(key, chain);
    }
    return chain;
  }

  private settle(key: string, chain: Chain, ack: () => void): void {
    this.parts.crashes.hit('before-ack');
    ack();
    chain.shift();
    if (chain.length === 0) this.chains.delete(key);
  }

  /** Reads an update again that was too far back in its chain to be kept. */
  private async fetch(seq: number): Promise<IncomingUpdate> {
    const stored = await this.parts.nats.jsm.direct.getMessage(STREAMS.updates, { seq });
    const update = stored === null ? undefined : readMessage({ subject: stored.subject, seq: stored.seq, header: (name) => stored.header.get(name), text: () => stored.string() }, HEADERS);
    if (update === undefined) throw new Error(`update ${seq} is not in the stream`);
    return update;
  }

  private async answer(update: IncomingUpdate, traceparent: string | undefined): Promise<boolean> {
    const route = this.parts.routes.find(update.botId);
    const revision = route === undefined ? undefined : routedRevision(route, update.orderKey);
    const call = revision === undefined ? undefined : earlyAnswer(update, revision);
    if (call === undefined) return false;
    try {
      await this.parts.outbox.answer(call, traceparent);
      return true;
    } catch {
      return false; // Its turn comes; the guest answers it then.
    }
  }
}

/** The next owner of the partition works on it anew; what was tried here is to be seen, too. */
function leave({ update }: Head): void {
  update.span?.fail('partition_lost');
  update.span?.end();
}

function readUpdate(message: Message): IncomingUpdate | undefined {
  return readMessage({ subject: message.subject, seq: message.seq, header: (name) => message.headers?.get(name) ?? '', text: () => message.string() }, HEADERS);
}
