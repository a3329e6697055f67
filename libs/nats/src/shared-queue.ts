import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { Nats } from './connect.ts';
import { ensureConsumer } from './ensure-consumer.ts';
import { LIMITS } from './limits.ts';
import { pause } from './pause.ts';

export interface SharedQueueOptions {
  nats: Nats;
  /** A stream with work queue retention: what is settled is gone. */
  stream: string;
  /** Name of the consumer, the same for all processes that share the work. */
  consumer: string;
  filter: string;
  /** Messages worked on at the same time by this process. */
  inHandMax: number;
  /** Handed out by the server to all processes together. */
  ackPendingMax: number;
  /** A message whose process died comes to another one after this; at least 500. */
  ackWaitMs: number;
  /** A message whose work failed comes again after this. */
  retryMs: number;
  /** Works on one message; a rejection brings it back. */
  work: (message: JsMsg) => Promise<void>;
  onError: (error: Error) => void;
}

/** Work without order: whichever process is free takes the next message. At least once. */
export class SharedQueue {
  private messages: ConsumerMessages | undefined;
  private readonly stopping = new AbortController();
  private readonly inHand = new Set<Promise<void>>();
  private running = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly options: SharedQueueOptions) {}

  start(): void {
    this.running = true;
    this.loop = this.keepPulling();
  }

  /** Takes no more, and finishes what is in hand. */
  async stop(): Promise<void> {
    this.running = false;
    this.stopping.abort();
    this.messages?.stop();
    await this.loop;
    await Promise.all(this.inHand);
  }

  private async keepPulling(): Promise<void> {
    while (this.running) {
      try {
        await this.pull();
      } catch (error) {
        this.options.onError(error as Error);
      }
      if (this.running) await pause(LIMITS.watchRestartMs, this.stopping.signal);
    }
  }

  private async pull(): Promise<void> {
    const { nats, stream, consumer: name, filter, inHandMax, ackPendingMax, ackWaitMs } = this.options;
    await ensureConsumer(nats.jsm, stream, {
      durable_name: name,
      filter_subject: filter,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: ackPendingMax,
      deliver_policy: DeliverPolicy.All,
    });
    const consumer = await nats.js.consumers.get(stream, name);
    if (!this.running) return;
    // Short pulls: a process that stands still is handed no more messages after its last one has ended.
    this.messages = await consumer.consume({ max_messages: inHandMax, expires: ackWaitMs * 2, idle_heartbeat: ackWaitMs, abort_on_missing_resource: true });
    for await (const message of this.messages) {
      if (!this.running) return;
      if (this.inHand.size >= inHandMax) await Promise.race(this.inHand);
      const job = this.settle(message).finally(() => this.inHand.delete(job));
      this.inHand.add(job);
    }
  }

  private async settle(message: JsMsg): Promise<void> {
    try {
      await this.options.work(message);
      message.ack();
    } catch (error) {
      this.options.onError(error as Error);
      message.nak(this.options.retryMs);
    }
  }
}
