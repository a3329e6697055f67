import { DelayHeap } from './delay-heap.ts';
import { Fifo } from './fifo.ts';
import { QUEUE_GATE_MS, QUEUE_NORMAL_IN_ROW_MAX, QUEUE_RETRY_DELAY_MS, QUEUE_RETRY_DELAY_MS_MAX, QUEUE_RETRY_JITTER } from './limits.ts';
import { NO_METRICS } from './ports.ts';
import type { MetricName, MetricsPort } from './ports.ts';

/**
 * `low` waits while `normal` keys do, but for one in {@link QUEUE_NORMAL_IN_ROW_MAX}: for first lists, resyncs and objects that are new, so that
 * they do not hold up what is under way.
 */
export type Priority = 'normal' | 'low';

export interface WorkQueueOptions {
  /** Label of the metrics. */
  name?: string;
  /** The wait after a key's first failure; doubles with each. Default 5 ms. */
  retryDelayMs?: number;
  /** Default 1000 s. */
  retryDelayMsMax?: number;
  /** Whether another key of the low lane may begin now; asked anew every {@link QUEUE_GATE_MS} while keys wait for it. Default: always. */
  mayBegin?: () => boolean;
  /** From 0 up to 1, for the jitter of waits. Default Math.random. */
  random?: () => number;
  metrics?: MetricsPort;
}

/**
 * Keys to work on, each at most once in the queue and at most once in work, as in client-go: a key added while it is worked on runs once more
 * afterwards. Every key taken with {@link get} must be given back with {@link done}.
 */
export class WorkQueue {
  readonly name: string;
  private readonly retryDelayMs: number;
  private readonly retryDelayMsMax: number;
  private readonly mayBegin: () => boolean;
  private readonly random: () => number;
  private readonly metrics: MetricsPort;
  /** Keys that wait, with the lane they wait in. */
  private readonly waiting = new Map<string, { priority: Priority; sinceMs: number }>();
  private readonly lanes: Record<Priority, Fifo> = { normal: new Fifo(), low: new Fifo() };
  private readonly processing = new Map<string, { sinceMs: number; again: Priority | undefined }>();
  private readonly failures = new Map<string, number>();
  private readonly delayed = new DelayHeap();
  private readonly takers: ((key: string | undefined) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private gateTimer: NodeJS.Timeout | undefined;
  private isShutDown = false;
  /** Keys of the normal lane since the last one of the low lane. */
  private normalInRow = 0;

  constructor(options: WorkQueueOptions = {}) {
    this.name = options.name ?? 'queue';
    this.retryDelayMs = options.retryDelayMs ?? QUEUE_RETRY_DELAY_MS;
    this.retryDelayMsMax = options.retryDelayMsMax ?? QUEUE_RETRY_DELAY_MS_MAX;
    this.mayBegin = options.mayBegin ?? (() => true);
    this.random = options.random ?? Math.random;
    this.metrics = options.metrics ?? NO_METRICS;
  }

  /** Keys waiting now; neither those in work nor the delayed ones. */
  get length(): number {
    return this.waiting.size;
  }

  /** Keys in work. */
  get active(): number {
    return this.processing.size;
  }

  /** Keys that wait for their time. */
  get delayedLength(): number {
    return this.delayed.size;
  }

  /** Adds a key; one that waits already only moves up when the new priority is higher. */
  add(key: string, priority: Priority = 'normal'): void {
    if (this.isShutDown) return;
    const inWork = this.processing.get(key);
    if (inWork) {
      if (inWork.again === undefined) this.count('workqueue_adds_total');
      inWork.again = higher(inWork.again, priority);
      return;
    }
    const known = this.waiting.get(key);
    if (known && (known.priority === priority || priority === 'low')) return;
    if (!known) this.count('workqueue_adds_total');
    this.waiting.set(key, { priority, sinceMs: known?.sinceMs ?? performance.now() });
    this.lanes[priority].push(key);
    this.dispatch();
  }

  /** Adds a key after a time; of two times for one key the earlier counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.isShutDown) return;
    if (delayMs <= 0) return this.add(key);
    this.delayed.push(key, performance.now() + delayMs);
    this.arm();
  }

  /** Adds a key after the wait its failures have earned, or after `delayMsMin` if that is longer. Returns the wait. */
  addRateLimited(key: string, delayMsMin = 0): number {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.count('workqueue_retries_total');
    const step = this.retryDelayMs * 2 ** failures * (1 + this.random() * QUEUE_RETRY_JITTER);
    const delayMs = Math.max(Math.min(step, this.retryDelayMsMax), delayMsMin);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Failures in a row of a key. */
  failuresOf(key: string): number {
    return this.failures.get(key) ?? 0;
  }

  /** Starts a key's wait from its first step again. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  /** The next key; waits for one. Undefined once the queue is shut down. */
  async get(): Promise<string | undefined> {
    const key = this.take();
    if (key !== undefined || this.isShutDown) return key;
    return new Promise((resolve) => this.takers.push(resolve));
  }

  /** Gives a key back after work. */
  done(key: string): void {
    const inWork = this.processing.get(key);
    if (!inWork) return;
    this.processing.delete(key);
    this.metrics.observe('workqueue_work_duration_seconds', this.labels(), (performance.now() - inWork.sinceMs) / 1000);
    this.publishGauges();
    if (inWork.again === undefined || this.isShutDown) return;
    this.waiting.set(key, { priority: inWork.again, sinceMs: performance.now() });
    this.lanes[inWork.again].push(key);
    this.dispatch();
  }

  /** Forgets everything that waits and lets takers go. Keys in work may still be given back. */
  shutDown(): void {
    this.isShutDown = true;
    clearTimeout(this.timer);
    clearTimeout(this.gateTimer);
    this.waiting.clear();
    this.delayed.clear();
    for (const taker of this.takers.splice(0)) taker(undefined);
    this.publishGauges();
  }

  private dispatch(): void {
    while (this.takers.length > 0) {
      const key = this.take();
      if (key === undefined) break;
      this.takers.shift()!(key);
    }
    this.publishGauges();
  }

  private take(): string | undefined {
    if (this.normalInRow < QUEUE_NORMAL_IN_ROW_MAX) {
      const key = this.takeFrom('normal');
      this.normalInRow = key === undefined ? 0 : this.normalInRow + 1;
      if (key !== undefined) return key;
    }
    const mayTakeLow = this.normalInRow > 0 || this.mayBegin();
    this.normalInRow = 0;
    if (!mayTakeLow) this.knockLater();
    return (mayTakeLow ? this.takeFrom('low') : undefined) ?? this.takeFrom('normal');
  }

  /** Looks again soon whether keys of the low lane may begin. */
  private knockLater(): void {
    if (this.waiting.size === 0) return;
    this.gateTimer ??= setTimeout(() => {
      this.gateTimer = undefined;
      this.dispatch();
    }, QUEUE_GATE_MS);
  }

  private takeFrom(priority: Priority): string | undefined {
    for (let key = this.lanes[priority].shift(); key !== undefined; key = this.lanes[priority].shift()) {
      const entry = this.waiting.get(key);
      // A key that moved up leaves its old place behind.
      if (entry?.priority !== priority) continue;
      this.waiting.delete(key);
      const nowMs = performance.now();
      this.processing.set(key, { sinceMs: nowMs, again: undefined });
      this.metrics.observe('workqueue_queue_duration_seconds', this.labels(), (nowMs - entry.sinceMs) / 1000);
      this.publishGauges();
      return key;
    }
    return undefined;
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.delayed.nextAtMs();
    if (next === undefined) return;
    this.timer = setTimeout(() => this.release(), Math.min(Math.max(next - performance.now(), 0), TIMER_MS_MAX));
  }

  private release(): void {
    for (const key of this.delayed.due(performance.now())) this.add(key);
    this.arm();
  }

  /** Publishes depth and ages. Done at every change; call it at scrape time too, so that a stuck key is seen to age. */
  publishGauges(): void {
    const nowMs = performance.now();
    let sumMs = 0;
    let longestMs = 0;
    for (const { sinceMs } of this.processing.values()) {
      sumMs += nowMs - sinceMs;
      longestMs = Math.max(longestMs, nowMs - sinceMs);
    }
    this.metrics.set('workqueue_depth', this.labels(), this.waiting.size);
    this.metrics.set('workqueue_unfinished_work_seconds', this.labels(), sumMs / 1000);
    this.metrics.set('workqueue_longest_running_processor_seconds', this.labels(), longestMs / 1000);
  }

  private count(name: MetricName): void {
    this.metrics.increment(name, this.labels());
  }

  private labels(): Record<string, string> {
    return { name: this.name, controller: this.name };
  }
}

/** setTimeout fires at once above 2^31-1 ms. */
const TIMER_MS_MAX = 2_147_483_647;

function higher(a: Priority | undefined, b: Priority): Priority {
  return a === 'normal' ? a : b;
}
