import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { Nats } from './connect.ts';
import { ensureConsumer } from './ensure-consumer.ts';
import { LIMITS } from './limits.ts';
import { pause } from './pause.ts';

export interface BatchQueueOptions {
  nats: Nats;
  /** A stream with work queue retention: what is settled is gone. */
  stream: string;
  /** Name of the consumer, the same for all processes that share the work. */
  consumer: string;
  filter: string;
  /** Messages of one batch. */
  batchMax: number;
  /** A batch that is not full waits this long for more. */
  lingerMs: number;
  /** A message whose process died comes to another one after this; longer than a batch and its pause can take. */
  ackWaitMs: number;
  /** Works on one batch; says of each message whether it is settled. What is not, and every message after a rejection, comes again. */
  work: (batch: readonly JsMsg[]) => Promise<boolean[]>;
  onError: (error: Error) => void;
}

/** Work without order, in batches: one batch at a time per process. At least once. */
export class BatchQueue {
  private messages: ConsumerMessages | undefined;
  private readonly stopping = new AbortController();
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  /** Batches in a row of which nothing was settled. */
  private failures = 0;

  constructor(private readonly options: BatchQueueOptions) {}

  start(): void {
    this.running = true;
    this.loop = this.keepPulling();
  }

  /** Takes no more, and finishes the batch in hand. */
  async stop(): Promise<void> {
    this.running = false;
    this.stopping.abort();
    this.messages?.stop();
    await this.loop;
  }

  private async keepPulling(): Promise<void> {
    while (this.running) {
      try {
        await this.pull();
      } catch (error) {
        if (this.running) this.options.onError(error as Error);
      }
      if (this.running) await pause(LIMITS.watchRestartMs, this.stopping.signal);
    }
  }

  private async pull(): Promise<void> {
    const { nats, stream, consumer: name, filter, batchMax, ackWaitMs } = this.options;
    await ensureConsumer(nats.jsm, stream, {
      durable_name: name,
      filter_subject: filter,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: batchMax * 4,
      deliver_policy: DeliverPolicy.All,
    });
    const consumer = await nats.js.consumers.get(stream, name);
    if (!this.running) return;
    this.messages = await consumer.consume({ max_messages: batchMax, idle_heartbeat: LIMITS.pullHeartbeatMs, abort_on_missing_resource: true });
    await this.inBatches(this.messages);
  }

  /** Fills a batch until it is full or its first message has waited long enough. */
  private async inBatches(messages: ConsumerMessages): Promise<void> {
    const source = messages[Symbol.asyncIterator]();
    let next = source.next();
    let batch: JsMsg[] = [];
    let lingerUntilMs = 0;
    for (;;) {
      const arrived = batch.length === 0 ? await next : await Promise.race([next, late(lingerUntilMs - performance.now())]);
      if (arrived !== undefined) {
        if (arrived.done === true) break;
        if (batch.length === 0) lingerUntilMs = performance.now() + this.options.lingerMs;
        batch.push(arrived.value);
        next = source.next();
        if (batch.length < this.options.batchMax) continue;
      }
      await this.settle(batch);
      batch = [];
    }
    await this.settle(batch);
  }

  private async settle(batch: readonly JsMsg[]): Promise<void> {
    if (batch.length === 0) return;
    const settled = await this.work(batch);
    this.failures = settled.includes(true) ? 0 : this.failures + 1;
    const pauseMs = this.failures === 0 ? LIMITS.batchPauseMsMin : Math.min(LIMITS.batchPauseMsMin * 2 ** (this.failures - 1), LIMITS.batchPauseMsMax);
    for (const [at, message] of batch.entries()) {
      if (settled[at] === true) message.ack();
      else message.nak(pauseMs);
    }
    if (this.failures > 0) await pause(pauseMs, this.stopping.signal);
  }

  private async work(batch: readonly JsMsg[]): Promise<boolean[]> {
    try {
      return await this.options.work(batch);
    } catch (error) {
      this.options.onError(error as Error);
      return [];
    }
  }
}

/** Undefined after some time. */
const late = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), Math.max(0, ms)));
