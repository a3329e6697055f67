import { setTimeout as sleep } from 'node:timers/promises';
import { DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { LIMITS } from './limits.ts';
import { OPERATION_HEADER } from './typed-bucket.ts';
import type { TypedBucket, Versioned } from './typed-bucket.ts';

/** What happened to one key. */
export interface KeyChange<T> {
  key: string;
  /** Undefined: deleted. */
  entry: Versioned<T> | undefined;
}

export interface WatchOptions<T> {
  /** Keys to mirror, with NATS wildcards. Default: all. */
  filter?: string;
  /** Called after the mirror changed; must not throw. */
  onChange?: (change: KeyChange<T>) => void;
  /** Told about failures that the watch recovers from by itself. */
  onError?: (error: Error) => void;
}

/**
 * A mirror of a bucket in memory. It survives reconnects and server restarts: a watch that ends starts again and compares
 * the whole bucket, so a deletion that happened meanwhile is noticed. Values that are no JSON are reported and skipped.
 */
export class WatchedBucket<T> {
  /** Resolves when the first full sync is done. */
  readonly ready: Promise<void>;
  private markReady: () => void = () => undefined;
  private readonly entries = new Map<string, Versioned<T>>();
  private readonly waiters = new Set<() => void>();
  private messages: ConsumerMessages | undefined;
  private confirmedMs = Number.NEGATIVE_INFINITY;
  private synced = false;
  private closed = false;
  private readonly prefixLength: number;

  constructor(
    private readonly bucket: TypedBucket<T>,
    private readonly options: WatchOptions<T> = {},
  ) {
    this.prefixLength = `$KV.${bucket.bucket}.`.length;
    this.ready = new Promise((resolve) => (this.markReady = resolve));
    void this.run();
  }

  /** Last known entry; undefined when absent, deleted or not synced yet. */
  get(key: string): Versioned<T> | undefined {
    return this.entries.get(key);
  }

  keys(): IterableIterator<string> {
    return this.entries.keys();
  }

  get isReady(): boolean {
    return this.synced;
  }

  /** Time since the server last confirmed this mirror, in ms; a healthy one stays below a few seconds. Infinite before the first sync. */
  ageMs(): number {
    return performance.now() - this.confirmedMs;
  }

  /** Resolves with the next change of any key, or after `timeoutMs`. */
  async changed(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.waiters.add(done);
    });
  }

  /** Ends the watch; the mirror keeps its last content. */
  async close(): Promise<void> {
    this.closed = true;
    await this.messages?.close();
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      try {
        await this.watchOnce();
      } catch (error) {
        if (!this.closed) this.options.onError?.(error as Error);
      }
      if (!this.closed) await sleep(LIMITS.watchRestartMs, undefined, { ref: false });
    }
  }

  private async watchOnce(): Promise<void> {
    const { bucket } = this;
    const consumer = await bucket.jsm.jetstream().consumers.get(bucket.stream, {
      deliver_policy: DeliverPolicy.LastPerSubject,
      filter_subjects: `$KV.${bucket.bucket}.${this.options.filter ?? '>'}`,
    });
    const pending = (await consumer.info(true)).num_pending;
    const seen = new Set<string>();
    const messages = await consumer.consume({ idle_heartbeat: LIMITS.watchHeartbeatMs, expires: LIMITS.pullExpiresMs });
    this.messages = messages;
    if (this.closed) await messages.close();
    void this.followHeartbeats(messages);
    let syncing = true;
    if (pending === 0) syncing = this.finishSync(seen);
    for await (const message of messages) {
      const key = message.subject.slice(this.prefixLength);
      if (syncing) seen.add(key);
      this.confirmedMs = performance.now();
      this.apply(key, message);
      if (syncing && message.info.pending === 0) syncing = this.finishSync(seen);
    }
  }

  private async followHeartbeats(messages: ConsumerMessages): Promise<void> {
    for await (const status of messages.status()) {
      if (status.type === 'heartbeat') this.confirmedMs = performance.now();
      // The bucket was deleted and may come back with other content: only a full sync tells.
      if (status.type === 'stream_not_found') messages.stop();
    }
  }

  private apply(key: string, message: JsMsg): void {
    const known = this.entries.get(key);
    if (known !== undefined && known.revision >= message.seq) return;
    if ((message.headers?.get(OPERATION_HEADER) ?? '') !== '' || (message.headers?.get('Nats-Marker-Reason') ?? '') !== '') {
      this.set(key, undefined);
      return;
    }
    try {
      this.set(key, { value: JSON.parse(message.string()) as T, revision: message.seq });
    } catch (error) {
      this.options.onError?.(new Error(`KV ${this.bucket.bucket}.${key} holds no JSON`, { cause: error }));
    }
  }

  private set(key: string, entry: Versioned<T> | undefined): void {
    if (entry === undefined) {
      if (!this.entries.delete(key)) return;
    } else this.entries.set(key, entry);
    this.options.onChange?.({ key, entry });
    for (const waiter of this.waiters) waiter();
  }

  private finishSync(seen: Set<string>): false {
    for (const key of this.entries.keys()) if (!seen.has(key)) this.set(key, undefined);
    this.confirmedMs = performance.now();
    this.synced = true;
    this.markReady();
    return false;
  }
}
