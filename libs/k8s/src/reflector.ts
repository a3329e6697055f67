import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import type { K8sClient } from './client.ts';
import { K8sError, LocalReason, isGone } from './errors.ts';
import {
  REFLECTOR_BACKOFF_MS, REFLECTOR_BACKOFF_MS_MAX, REFLECTOR_BACKOFF_RESET_MS, WATCH_DURATION_MS_MIN, WATCH_FAILURES_BEFORE_RELIST, WATCH_SILENCE_MS_MAX,
  WATCH_TIMEOUT_S_MAX, WATCH_TIMEOUT_S_MIN,
} from './limits.ts';
import type { KubeObject, ObjectList } from './objects.ts';
import { keyOf } from './objects.ts';
import { NO_METRICS, SILENT_LOGGER } from './ports.ts';
import type { Logger, MetricName, MetricsPort } from './ports.ts';
import type { ResourceType } from './resources.ts';
import { Store } from './store.ts';
import type { Indexer, StoreReader } from './store.ts';
import type { WatchEvent } from './watch.ts';

export interface ReflectorOptions<T extends KubeObject> {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  indexers?: Record<string, Indexer<T>>;
  /** See {@link StoreOptions}. */
  transform?: (object: T) => T;
  /** Objects come without spec, status and data; `T` must then be PartialObjectMetadata. For Secrets. */
  metadataOnly?: boolean;
  logger?: Logger;
  metrics?: MetricsPort;
  /** Without a byte for this long a watch counts as dead. Default 135 s, a little more than two bookmarks. */
  silenceMsMax?: number;
  /** The first wait after a failure; doubles to 30 s. Default 800 ms. */
  backoffMs?: number;
}

/** What wants to hear about changes. Calls come one at a time, in order; what a handler throws is logged and goes no further. */
export interface ReflectorHandler<T extends KubeObject> {
  /** `isInitialList` is true for what was there at the first list, or when the handler was added later. */
  onAdd?(object: T, info: { isInitialList: boolean }): void | Promise<void>;
  onUpdate?(object: T, previous: T): void | Promise<void>;
  /** `isTombstone`: a relist found it gone, so the object is as last seen, not as deleted. */
  onDelete?(object: T, info: { isTombstone: boolean }): void | Promise<void>;
}

/** Counters since start. */
export interface ReflectorStats {
  lists: number;
  watches: number;
  failures: number;
  /** Changes that a relist found and no watch had brought. */
  missedEvents: number;
}

/**
 * Keeps a store equal to what the API server has: one list, then a watch that is opened again for as long as it takes. Nothing but {@link stop} ends it.
 */
export class Reflector<T extends KubeObject> {
  readonly type: ResourceType<T>;
  private readonly client: K8sClient;
  private readonly options: ReflectorOptions<T>;
  private readonly logger: Logger;
  private readonly metrics: MetricsPort;
  private readonly cache: Store<T>;
  private readonly backoff: Backoff;
  private readonly handlers = new Set<ReflectorHandler<T>>();
  private readonly stopping = new AbortController();
  private readonly synced = Promise.withResolvers<void>();
  private readonly counters: ReflectorStats = { lists: 0, watches: 0, failures: 0, missedEvents: 0 };
  private isSynced = false;
  private resourceVersion: string | undefined;
  private failuresInRow = 0;
  private running: Promise<void> | undefined;
  private failure: unknown;

  constructor(client: K8sClient, type: ResourceType<T>, options: ReflectorOptions<T> = {}) {
    this.client = client;
    this.type = type;
    this.options = options;
    this.logger = options.logger ?? SILENT_LOGGER;
    this.metrics = options.metrics ?? NO_METRICS;
    this.cache = new Store<T>({ ...(options.indexers ? { indexers: options.indexers } : {}), ...(options.transform ? { transform: options.transform } : {}) });
    const firstMs = options.backoffMs ?? REFLECTOR_BACKOFF_MS;
    this.backoff = new Backoff({ firstMs, maxMs: Math.max(firstMs, REFLECTOR_BACKOFF_MS_MAX), resetMs: REFLECTOR_BACKOFF_RESET_MS });
    this.synced.promise.catch(() => undefined);
  }

  get store(): StoreReader<T> {
    return this.cache;
  }

  /** What the list and the watch select by. */
  get labelSelector(): string | undefined {
    return this.options.labelSelector;
  }

  get hasSynced(): boolean {
    return this.isSynced;
  }

  get stats(): Readonly<ReflectorStats> {
    return { ...this.counters };
  }

  /** What the last list or watch failed with; undefined again after the next success. */
  get lastError(): unknown {
    return this.failure;
  }

  /** Adds a handler; what is in the store already is given to it as initial adds. Returns how to remove it. */
  addHandler(handler: ReflectorHandler<T>): () => void {
    this.handlers.add(handler);
    for (const object of this.cache.list()) this.call(() => handler.onAdd?.(object, { isInitialList: true }));
    return () => void this.handlers.delete(handler);
  }

  /** Starts; a second call does nothing. */
  start(): void {
    if (this.stopping.signal.aborted) throw new Error(`reflector of ${this.type.plural} was stopped`);
    this.running ??= this.run();
  }

  /** Resolves after the first list. Rejects when stopped, or with the signal's reason. */
  async waitForSync(signal?: AbortSignal): Promise<void> {
    if (!signal) return this.synced.promise;
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.synced.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Ends the watch for good. No handler is called afterwards; the store stays as it is. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('reflector stopped'));
    this.synced.reject(new Error(`reflector of ${this.type.plural} was stopped`));
    await this.running;
  }

  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        if (this.resourceVersion === undefined) await this.listOnce();
        else await this.watchOnce(this.resourceVersion);
        this.failure = undefined;
      } catch (error) {
        await this.afterFailure(error);
      }
    }
  }

  private async afterFailure(error: unknown): Promise<void> {
    if (this.isStopped) return;
    this.failure = error;
    this.counters.failures++;
    this.count('reflector_failures_total');
    this.failuresInRow++;
    if (isGone(error) || this.failuresInRow >= WATCH_FAILURES_BEFORE_RELIST) this.resourceVersion = undefined;
    // An expired version is an answer, not an outage: list at once, but only once.
    if (isGone(error) && this.failuresInRow === 1) return;

    const asked = error instanceof K8sError ? error.retryAfterMs : undefined;
    const delayMs = Math.min(Math.max(this.backoff.nextMs(), asked ?? 0), REFLECTOR_BACKOFF_MS_MAX * 2);
    this.logger.warn({ err: error, kind: this.type.kind, delayMs: Math.round(delayMs) }, 'list or watch failed');
    await sleep(delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async listOnce(): Promise<void> {
    const options = { ...this.selection(), signal: this.stopping.signal };
    const list = this.options.metadataOnly
      ? ((await this.client.listMetadata(this.type, options)) as ObjectList<T>)
      : await this.client.list<T>(this.type, options);
    if (this.isStopped) return;
    this.counters.lists++;
    this.count('reflector_lists_total');
    this.replaceAll(list.items);
    this.resourceVersion = list.resourceVersion;
    if (!this.isSynced) {
      this.isSynced = true;
      this.synced.resolve();
    }
  }

  private async watchOnce(resourceVersion: string): Promise<void> {
    const startedMs = performance.now();
    let events = 0;
    const watch = this.client.watch<T>(this.type, {
      ...this.selection(),
      resourceVersion,
      timeoutSeconds: Math.round(WATCH_TIMEOUT_S_MIN + Math.random() * (WATCH_TIMEOUT_S_MAX - WATCH_TIMEOUT_S_MIN)),
      silenceMsMax: this.options.silenceMsMax ?? WATCH_SILENCE_MS_MAX,
      metadataOnly: this.options.metadataOnly ?? false,
      signal: this.stopping.signal,
      onOpen: () => {
        this.counters.watches++;
        this.failure = undefined;
        this.count('reflector_watches_total');
      },
    });
    try {
      for await (const event of watch) {
        if (this.isStopped) return;
        events++;
        this.failuresInRow = 0;
        this.failure = undefined;
        this.handle(event);
      }
    } catch (error) {
      if (this.isStopped) return;
      // A watch that lived and was then cut goes on at once from where it was; the server may well be there.
      if (!isCut(error) || performance.now() - startedMs < WATCH_DURATION_MS_MIN) throw error;
    }
    if (events === 0 && performance.now() - startedMs < WATCH_DURATION_MS_MIN) throw new Error('the watch ended at once without an event');
    this.failuresInRow = 0;
  }

  private handle(event: WatchEvent<T>): void {
    const version = event.object.metadata.resourceVersion;
    if (event.type === 'DELETED') this.remove(event.object);
    else if (event.type !== 'BOOKMARK') this.put(event.object, false);
    if (version) this.resourceVersion = version;
  }

  private replaceAll(items: T[]): void {
    const isInitialList = !this.isSynced;
    const gone = new Set(this.cache.keys());
    let changes = 0;
    for (const item of items) {
      gone.delete(keyOf(item));
      if (this.put(item, isInitialList)) changes++;
    }
    for (const key of gone) {
      const object = this.cache.delete(key);
      if (object) this.notify((handler) => handler.onDelete?.(object, { isTombstone: true }));
    }
    this.gaugeSize();
    if (!isInitialList) this.addMissed(changes + gone.size);
  }

  private addMissed(missed: number): void {
    this.counters.missedEvents += missed;
    this.count('reflector_missed_events_total', missed);
    if (missed > 0) this.logger.info({ kind: this.type.kind, missed }, 'relist found changes that no watch had brought');
  }

  /** True when the store did not have this version. An object of the same name with another uid is a delete and an add. */
  private put(object: T, isInitialList: boolean): boolean {
    const known = this.cache.get(keyOf(object));
    if (known?.metadata.uid === object.metadata.uid && known?.metadata.resourceVersion === object.metadata.resourceVersion) return false;
    const { stored, previous } = this.cache.set(object);
    if (previous && previous.metadata.uid !== stored.metadata.uid) {
      this.notify((handler) => handler.onDelete?.(previous, { isTombstone: true }));
      this.notify((handler) => handler.onAdd?.(stored, { isInitialList }));
    } else if (previous) this.notify((handler) => handler.onUpdate?.(stored, previous));
    else this.notify((handler) => handler.onAdd?.(stored, { isInitialList }));
    if (!isInitialList) this.gaugeSize();
    return true;
  }

  private remove(object: T): void {
    const known = this.cache.delete(keyOf(object));
    this.gaugeSize();
    if (known) this.notify((handler) => handler.onDelete?.(object, { isTombstone: false }));
  }

  private notify(call: (handler: ReflectorHandler<T>) => void | Promise<void>): void {
    for (const handler of this.handlers) this.call(() => call(handler));
  }

  private call(handler: () => void | Promise<void> | undefined): void {
    if (this.isStopped) return;
    const failed = (error: unknown): void => this.logger.error({ err: error, kind: this.type.kind }, 'reflector handler failed');
    try {
      handler()?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  private selection(): { namespace?: string; labelSelector?: string; fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.options;
    return { ...(namespace ? { namespace } : {}), ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
  }

  private count(name: MetricName, by = 1): void {
    this.metrics.increment(name, { kind: this.type.kind }, by);
  }

  private gaugeSize(): void {
    this.metrics.set('reflector_objects', { kind: this.type.kind }, this.cache.size);
  }
}

/** The connection ended. The server refused nothing, sent nothing broken, and was not silent for too long. */
function isCut(error: unknown): boolean {
  return error instanceof K8sError && error.reason === LocalReason.Network;
}
