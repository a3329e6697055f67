import { HEADERS, subjects } from '@botplane/contracts';
import { TRACEPARENT, processSpan } from '@botplane/kit';
import type { Log, Tracing } from '@botplane/kit';
import type { Ownership, PartitionMessage, PartitionWork } from '@botplane/nats';
import { Chain } from '../../app/chain.ts';
import type { FairScheduler } from '../../app/fair-scheduler.ts';
import type { Crashes, Outbox, Records, Routes } from '../../app/ports.ts';
import type { Head, RunUpdate } from '../../app/run-update.ts';
import { routedRevision } from '../../domain/choose-revision.ts';
import { readMessage } from '../../domain/incoming-update.ts';
import type { IncomingUpdate } from '../../domain/incoming-update.ts';
import { earlyAnswer } from '../../domain/outbox.ts';

export interface UpdatesConsumerParts {
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

/** An update and the trace that it belongs to. */
export interface Incoming {
  update: IncomingUpdate;
  traceparent: string | undefined;
}

/** Puts the updates of owned partitions into chains and acknowledges what is settled. */
export class UpdatesConsumer {
  private ownerships = 0;

  constructor(private readonly parts: UpdatesConsumerParts) {}

  /** The work of one partition, from claim to loss. */
  work(ownership: Ownership): PartitionWork<Incoming> {
    return new PartitionChains(this.parts, ownership, ++this.ownerships);
  }
}

class PartitionChains implements PartitionWork<Incoming> {
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

  read(message: PartitionMessage): { lane: string; item: Incoming } | undefined {
    const update = readMessage({ subject: message.subject, seq: message.seq, header: (name) => message.headers?.get(name) ?? '', text: () => message.string() }, HEADERS);
    if (update !== undefined) return { lane: update.orderKey, item: { update, traceparent: this.parts.tracing === undefined ? undefined : message.headers?.get(TRACEPARENT) || undefined } };
    this.parts.log.error({ subject: message.subject, seq: message.seq }, 'update cannot be read');
    this.parts.countUnreadable();
    return undefined;
  }

  accept(incoming: Incoming, settle: () => void): void {
    if (this.isDraining) return;
    this.parts.crashes.hit('after-receive');
    const { update, traceparent } = incoming;
    // An ownership never shares a chain with an earlier one: what still runs of that must not hold this one up.
    const key = `${this.ownershipId}/${update.botId}/${update.orderKey}`;
    const answeredEarly = this.parts.scheduler.chainLength(key) > 0 ? this.answer(update, traceparent) : Promise.resolve(false);
    this.enqueue(key, incoming, { settle, answeredEarly });
  }

  /** Its turn is far: a press is answered now, and then not once more (Telegram takes one answer, and the same message id is stored once). */
  wait({ update, traceparent }: Incoming): void {
    void this.answer(update, traceparent);
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

  private enqueue(key: string, { update, traceparent }: Incoming, { settle, answeredEarly }: { settle: () => void; answeredEarly: Promise<boolean> }): void {
    const chain = this.chainOf(key);
    let head: Head | undefined;
    chain.push(update);
    this.parts.scheduler.enqueue(update.botId, key, {
      run: async (place) => {
        this.running++;
        try {
          if (head === undefined) {
            head = { update, chain, records: this.records, isOwned: () => this.ownership.isOwned, answeredEarly, firstTryMs: undefined, undisturbedMs: undefined, outages: 0 };
            if (traceparent !== undefined) this.trace(update, traceparent);
          }
          this.resting.delete(head);
          const result = await this.parts.runUpdate.execute(head, place);
          if (result === 'settled' && this.ownership.isOwned) this.settle(key, chain, settle);
          if (result === 'settled') head.update.span?.end();
          else if (this.chains.get(key) === chain) this.resting.add(head);
          else leave(head);
          return result;
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

  private settle(key: string, chain: Chain, settle: () => void): void {
    this.parts.crashes.hit('before-ack');
    settle();
    chain.shift();
    if (chain.length === 0) this.chains.delete(key);
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
