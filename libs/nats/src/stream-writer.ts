import { JetStreamApiError } from '@nats-io/jetstream';
import type { ApiError, JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { MsgHdrsImpl, createInbox } from '@nats-io/nats-core';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { atEndOfTurn } from './end-of-turn.ts';
import { UnavailableError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Header lines of one message. */
export type HeaderLines = Record<string, string[]>;

/** What the server says of a message that it has. */
export interface Stored {
  seq: number;
  /** It was stored before, under the same message id. */
  duplicate: boolean;
}

export interface Write {
  headers: HeaderLines | undefined;
  timeoutMs: number;
  /** Called right before the message leaves; when it throws, nothing is sent, and `write` rejects with HeldBack. */
  before?: (() => void) | undefined;
}

/** A message that did not leave; `cause` is what `before` threw. */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
}

interface Waiting {
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: Error) => void;
  readonly untilMs: number;
}

const NO_RESPONDERS = 503;
const writers = new WeakMap<JetStreamClient | JetStreamManager, StreamWriter>();

/**
 * Stores messages in streams and waits for the server's confirmations: all of a connection over one subscription, with one timer for all
 * of them. The client's own request makes a timer, four promises and an error with its stack for each, which is most of what it costs.
 */
export class StreamWriter {
  private readonly inbox = `${createInbox()}.`;
  private readonly waiting = new Map<string, Waiting>();
  private count = 0;
  private sweeping: NodeJS.Timeout | undefined;

  constructor(private readonly connection: NatsConnection) {
    connection.subscribe(`${this.inbox}*`, { callback: (error, message) => this.receive(error, message) });
    void connection.closed().then(() => this.expire(Number.POSITIVE_INFINITY, 'the connection is closed'));
  }

  /** The writer of what `openNats` made. */
  static of(handle: JetStreamClient | JetStreamManager): StreamWriter {
    const writer = writers.get(handle);
    if (writer === undefined) throw new TypeError('this JetStream handle does not come from openNats');
    return writer;
  }

  /** Makes `of` find this writer. */
  serve(...handles: (JetStreamClient | JetStreamManager)[]): this {
    for (const handle of handles) writers.set(handle, this);
    return this;
  }

  /** Resolves when it is stored. Rejects with a JetStreamApiError when the stream refused it, with an InvalidArgumentError when it is too large, else with an UnavailableError. */
  write(subject: string, data: string | Uint8Array, { headers, timeoutMs, before }: Write): Promise<Stored> {
    for (const name in headers) for (const value of headers[name] ?? []) if (/[\r\n]/.test(value)) throw new TypeError(`header ${name} has a line break`);
    return new Promise((resolve, reject) => {
      atEndOfTurn(() => {
        try {
          before?.();
        } catch (cause) {
          return reject(new HeldBack('held back', { cause }));
        }
        try {
          const token = (++this.count).toString(36);
          this.connection.publish(subject, data, { reply: this.inbox + token, ...(headers === undefined ? {} : { headers: MsgHdrsImpl.fromRecord(headers) }) });
          this.waiting.set(token, { resolve, reject, untilMs: performance.now() + timeoutMs });
          this.sweeping ??= setTimeout(() => this.sweep(), LIMITS.confirmationSweepMs);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  private receive(error: Error | null, message: Msg): void {
    if (error !== null) return; // The subscription itself failed, as on a connection that closes.
    const token = message.subject.slice(this.inbox.length);
    const waiting = this.waiting.get(token);
    if (waiting === undefined) return;
    this.waiting.delete(token);
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS) return waiting.reject(new UnavailableError('no stream takes this subject'));
    try {
      const { error: refusal, seq, duplicate = false } = message.json<Partial<Stored> & { error?: ApiError }>();
      if (refusal !== undefined) waiting.reject(new JetStreamApiError(refusal));
      else if (seq === undefined) waiting.reject(new UnavailableError('the confirmation has no sequence'));
      else waiting.resolve({ seq, duplicate });
    } catch (cause) {
      waiting.reject(new UnavailableError('the confirmation cannot be read', { cause }));
    }
  }

  private sweep(): void {
    this.sweeping = undefined;
    this.expire(performance.now(), 'timeout');
    if (this.waiting.size > 0) this.sweeping = setTimeout(() => this.sweep(), LIMITS.confirmationSweepMs);
  }

  private expire(nowMs: number, why: string): void {
    for (const [token, { untilMs, reject }] of this.waiting) {
      if (untilMs > nowMs) continue;
      this.waiting.delete(token);
      reject(new UnavailableError(why));
    }
  }
}
