import { STREAMS, subjects } from '@botplane/contracts';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { Nats } from './connect.ts';
import { ensureConsumer } from './ensure-consumer.ts';
import { toNatsError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { pause } from './pause.ts';

/** One timer of one state key. */
export interface Timer {
  partition: number;
  botId: string;
  orderKey: string;
  stateKey: string;
  /** Name within the state key; letters, digits, `-`, `_`. */
  key: string;
  /** Decides whether a firing still counts: an armed timer cannot be taken back for certain. */
  nonce: string;
  /** Due time in ms since the epoch; one in the past is due at once. */
  atMs: number;
  /** Place in the order of updates of the one that arms it: an owner that was asleep must not undo what the next one did. */
  armedBy: number;
}

/** A timer that is due; `seq` identifies the firing. */
export interface DueTimer extends Timer {
  seq: number;
}

const CONSUMER = 'due';

/** Arms and disarms durable timers. They fire also when they fell due while every process was down. */
export class Timers {
  constructor(private readonly nats: Nats) {}

  /** Arms a timer, or replaces the armed one of the same state key and key, unless a later update armed that. Throws UnavailableError, StreamFullError or ConflictError. */
  async arm(timer: Timer): Promise<void> {
    const { partition, botId, atMs } = timer;
    try {
      const present = await this.find(timer);
      if (present.armedBy > timer.armedBy) return;
      await this.nats.js.publish(subjectOf(timer), JSON.stringify(timer), {
        timeout: LIMITS.requestTimeoutMs,
        expect: { lastSubjectSequence: present.seq },
        schedule: { specification: new Date(atMs), target: subjects.timerDue(partition, botId) },
      });
    } catch (error) {
      throw toNatsError(error, 'arm timer');
    }
  }

  /** Disarms a timer that has not fired, unless a later update armed it; one that has fired may still arrive. */
  async disarm(timer: Omit<Timer, 'orderKey' | 'nonce' | 'atMs'>): Promise<void> {
    try {
      const present = await this.find(timer);
      if (present.seq === 0 || present.armedBy > timer.armedBy) return;
      await this.nats.jsm.streams.purge(STREAMS.timers, { filter: subjectOf(timer), seq: present.seq + 1 });
    } catch (error) {
      throw toNatsError(error, 'disarm timer');
    }
  }

  /** What is armed under this name; 0: nothing. */
  private async find(timer: Pick<Timer, 'partition' | 'botId' | 'stateKey' | 'key'>): Promise<{ seq: number; armedBy: number }> {
    const message = await this.nats.jsm.streams.getMessage(STREAMS.timers, { last_by_subj: subjectOf(timer) });
    return { seq: message?.seq ?? 0, armedBy: message?.json<Partial<Timer>>().armedBy ?? 0 };
  }
}

const subjectOf = ({ partition, botId, stateKey, key }: Pick<Timer, 'partition' | 'botId' | 'stateKey' | 'key'>): string => subjects.timerAt(partition, botId, `${stateKey}.${key}`);

/**
 * Hands out due timers, each at least once. All replicas share one consumer: a firing carries its own identity, and the armed nonce
 * in the chat's record decides whether it counts, so neither order nor a second delivery matters here.
 */
export class DueTimers {
  private messages: ConsumerMessages | undefined;
  private readonly stopping = new AbortController();
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private readonly inHand = new Set<Promise<void>>();

  constructor(
    private readonly nats: Nats,
    /** Settles one firing; a rejection brings it back later. */
    private readonly onDue: (due: DueTimer) => Promise<void>,
    private readonly onError: (error: Error) => void = () => undefined,
  ) {}

  start(): void {
    this.running = true;
    this.loop = Promise.all([this.keepPulling(), this.keepPurging()]).then(() => undefined);
  }

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
        this.onError(error as Error);
      }
      if (this.running) await pause(LIMITS.watchRestartMs, this.stopping.signal);
    }
  }

  private async pull(): Promise<void> {
    await ensureConsumer(this.nats.jsm, STREAMS.timers, {
      durable_name: CONSUMER,
      filter_subject: 'timers.due.>',
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(LIMITS.timerAckWaitMs),
      max_ack_pending: LIMITS.timerAckPendingMax,
      deliver_policy: DeliverPolicy.All,
    });
    const consumer = await this.nats.js.consumers.get(STREAMS.timers, CONSUMER);
    if (!this.running) return;
    this.messages = await consumer.consume({ max_messages: LIMITS.timersInFlightMax, expires: LIMITS.timerPullExpiresMs, idle_heartbeat: LIMITS.timerPullExpiresMs / 2, abort_on_missing_resource: true });
    for await (const message of this.messages) {
      if (!this.running) return;
      if (this.inHand.size >= LIMITS.timersInFlightMax) await Promise.race(this.inHand);
      const job = this.settle(message).finally(() => this.inHand.delete(job));
      this.inHand.add(job);
    }
  }

  private async settle(message: JsMsg): Promise<void> {
    try {
      const timer = parseTimer(message);
      if (timer !== undefined) await this.onDue({ ...timer, seq: message.seq });
      message.ack();
    } catch (error) {
      this.onError(error as Error);
      message.nak(LIMITS.watchRestartMs);
    }
  }

  private async keepPurging(): Promise<void> {
    let purged = 0;
    while (this.running) {
      await pause(LIMITS.purgeIntervalMs, this.stopping.signal);
      try {
        const floor = (await this.nats.jsm.consumers.info(STREAMS.timers, CONSUMER)).ack_floor.stream_seq;
        if (floor <= purged) continue;
        await this.nats.jsm.streams.purge(STREAMS.timers, { filter: 'timers.due.>', seq: floor + 1 });
        purged = floor;
      } catch (error) {
        if (this.running) this.onError(error as Error);
      }
    }
  }
}

/** Undefined for what is no timer; such a message is dropped, since nobody could act on it. */
function parseTimer(message: JsMsg): Timer | undefined {
  try {
    const timer = message.json<Timer>();
    return typeof timer.nonce === 'string' && typeof timer.stateKey === 'string' && Number.isInteger(timer.partition) ? timer : undefined;
  } catch {
    return undefined;
  }
}
