import { startDeadline } from './deadline.ts';
import { K8sError, isConflict } from './errors.ts';
import { CONTROLLER_STOP_MS_MAX, RECONCILE_CONCURRENCY, RECONCILE_TIMEOUT_MS } from './limits.ts';
import type { KubeObject } from './objects.ts';
import { keyOf } from './objects.ts';
import { NO_METRICS, SILENT_LOGGER } from './ports.ts';
import type { Logger, MetricsPort } from './ports.ts';
import type { Reflector } from './reflector.ts';
import { WorkQueue } from './work-queue.ts';
import type { Priority } from './work-queue.ts';

/** Thrown by a reconcile that no retry can help: the key rests until something changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Without `requeueAfterMs` the key rests until something changes. */
export interface ReconcileResult {
  requeueAfterMs?: number;
}

export interface ReconcileContext {
  /** Aborted when the time limit passes or the controller stops; hand it to every call. */
  readonly signal: AbortSignal;
  /** Failures of this key in a row, 0 on the first try. */
  readonly failures: number;
  readonly logger: Logger;
}

/** Hears of the begin of a reconcile; what it returns hears of the end, and of the error if there was one. */
export type ReconcileWitness = (key: string) => ((error?: unknown) => void) | undefined;

export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult | void>;

export interface ControllerOptions {
  /** Label of logs and metrics. */
  name: string;
  reconcile: Reconcile;
  /** Reconciles that run at once, never two of one key. Default 1. */
  concurrency?: number;
  /** Default 60 s. */
  reconcileTimeoutMs?: number;
  /** Replaces the default queue, for other retry delays. */
  queue?: WorkQueue;
  logger?: Logger;
  metrics?: MetricsPort;
}

export interface WatchOptions {
  /** Of objects that are new after the first list. Low: of many that are applied at once, those that are begun are finished first. Default normal. */
  added?: Priority;
}

/** Takes keys from a queue and reconciles them; failures come again with a growing wait. */
export class Controller {
  readonly name: string;
  readonly queue: WorkQueue;
  private readonly options: ControllerOptions;
  private readonly concurrency: number;
  private readonly logger: Logger;
  private readonly metrics: MetricsPort;
  private readonly stopping = new AbortController();
  private readonly detach: (() => void)[] = [];
  private readonly reflectors: Reflector<KubeObject>[] = [];
  private workers: Promise<void>[] = [];
  private activeWorkers = 0;
  private witness: ReconcileWitness | undefined;

  constructor(options: ControllerOptions) {
    this.options = options;
    this.name = options.name;
    this.concurrency = options.concurrency ?? RECONCILE_CONCURRENCY;
    this.logger = options.logger ?? SILENT_LOGGER;
    this.metrics = options.metrics ?? NO_METRICS;
    this.queue = options.queue ?? new WorkQueue({ name: options.name, metrics: this.metrics });
    this.countFromZero();
  }

  /** So that the first event counts in `rate()`, and its absence is no gap. */
  private countFromZero(): void {
    const { name: controller } = this;
    for (const result of ['success', 'requeue_after', 'error']) this.metrics.increment('controller_runtime_reconcile_total', { controller, result }, 0);
    for (const name of ['controller_runtime_reconcile_errors_total', 'controller_runtime_terminal_reconcile_errors_total', 'controller_runtime_reconcile_timeouts_total'] as const) this.metrics.increment(name, { controller }, 0);
    this.metrics.set('controller_runtime_active_workers', { controller }, 0);
  }

  /**
   * Adds the keys of changed objects to the queue; objects of a first list wait behind live changes. `keysOf` maps a child to its owners
   * (default: the object's own key); it is asked for the old and for the new object of an update, so that both owners hear of a move.
   */
  watch<T extends KubeObject>(reflector: Reflector<T>, keysOf: (object: T) => readonly string[] = (object) => [keyOf(object)], { added = 'normal' }: WatchOptions = {}): this {
    const add = (object: T, priority: Priority): void => keysOf(object).forEach((key) => this.queue.add(key, priority));
    this.reflectors.push(reflector as unknown as Reflector<KubeObject>);
    this.detach.push(
      reflector.addHandler({
        onAdd: (object, { isInitialList }) => add(object, isInitialList ? 'low' : added),
        onUpdate: (object, previous) => {
          add(previous, 'normal');
          add(object, 'normal');
        },
        onDelete: (object) => add(object, 'normal'),
      }),
    );
    return this;
  }

  /** Lets somebody watch the reconciles, for traces. */
  observe(witness: ReconcileWitness): void {
    this.witness = witness;
  }

  /** Adds a key by hand. */
  enqueue(key: string, priority: Priority = 'normal'): void {
    this.queue.add(key, priority);
  }

  /** Waits until every watched store is filled, then starts the workers. */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.stopping.signal.aborted) throw new Error(`controller ${this.name} was stopped`);
    if (this.workers.length > 0) return;
    await Promise.all(this.reflectors.map((reflector) => reflector.waitForSync(signal)));
    // Stopped, or started by someone else, while waiting.
    if (this.stopping.signal.aborted || this.workers.length > 0) return;
    this.metrics.set('controller_runtime_max_concurrent_reconciles', { controller: this.name }, this.concurrency);
    this.workers = Array.from({ length: this.concurrency }, () => this.work());
  }

  /** Takes no further keys, waits for running reconciles, and aborts those that take longer than `graceMs` (default 20 s). */
  async stop(graceMs = CONTROLLER_STOP_MS_MAX): Promise<void> {
    for (const detach of this.detach.splice(0)) detach();
    this.queue.shutDown();
    const abort = setTimeout(() => this.stopping.abort(new Error(`controller ${this.name} stopped`)), graceMs);
    await Promise.all(this.workers);
    clearTimeout(abort);
    this.stopping.abort(new Error(`controller ${this.name} stopped`));
  }

  private async work(): Promise<void> {
    for (let key = await this.queue.get(); key !== undefined; key = await this.queue.get()) {
      await this.process(key);
    }
  }

  private async process(key: string): Promise<void> {
    const startedMs = performance.now();
    const deadline = startDeadline(this.stopping.signal, this.options.reconcileTimeoutMs ?? RECONCILE_TIMEOUT_MS);
    const { signal } = deadline;
    const run = this.reconcile(key, { signal, failures: this.queue.failuresOf(key), logger: this.logger });
    try {
      this.succeeded(key, (await withinSignal(signal, run)) ?? {});
    } catch (error) {
      if (deadline.passed) this.metrics.increment('controller_runtime_reconcile_timeouts_total', { controller: this.name });
      this.failed(key, error);
    } finally {
      deadline.clear();
      this.metrics.observe('controller_runtime_reconcile_time_seconds', { controller: this.name }, (performance.now() - startedMs) / 1000);
    }
    // A reconcile that ignores its signal frees its worker, but its key only when it really ends: one key never runs twice at once.
    const release = (): void => this.queue.done(key);
    run.then(release, release);
  }

  private async reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult | void> {
    this.gaugeWorkers(1);
    const ended = this.witness?.(key);
    try {
      const result = await this.options.reconcile(key, context);
      ended?.();
      return result;
    } catch (error) {
      ended?.(error);
      throw error;
    } finally {
      this.gaugeWorkers(-1);
    }
  }

  private succeeded(key: string, result: ReconcileResult): void {
    this.queue.forget(key);
    if (result.requeueAfterMs !== undefined) this.queue.addAfter(key, result.requeueAfterMs);
    this.countResult(result.requeueAfterMs === undefined ? 'success' : 'requeue_after');
  }

  private failed(key: string, error: unknown): void {
    this.countResult('error');
    this.metrics.increment('controller_runtime_reconcile_errors_total', { controller: this.name });
    if (error instanceof TerminalError) {
      this.queue.forget(key);
      this.metrics.increment('controller_runtime_terminal_reconcile_errors_total', { controller: this.name });
      this.logger.error({ err: error, controller: this.name, key }, 'reconcile failed for good');
      return;
    }
    const retryInMs = this.queue.addRateLimited(key, error instanceof K8sError ? error.retryAfterMs : 0);
    // A conflict only says that the cache was a moment old; the next try has fresh data.
    const level = isConflict(error) ? 'debug' : 'warn';
    this.logger[level]({ err: error, controller: this.name, key, retryInMs }, 'reconcile failed');
  }

  private countResult(result: 'success' | 'requeue_after' | 'error'): void {
    this.metrics.increment('controller_runtime_reconcile_total', { controller: this.name, result });
  }

  private gaugeWorkers(change: number): void {
    this.activeWorkers += change;
    this.metrics.set('controller_runtime_active_workers', { controller: this.name }, this.activeWorkers);
  }
}

/** Gives up waiting when the signal fires. */
async function withinSignal<Result>(signal: AbortSignal, run: Promise<Result>): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([run, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
