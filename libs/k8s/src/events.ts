import { createHash, randomBytes } from 'node:crypto';
import type { K8sClient } from './client.ts';
import { isNotFound } from './errors.ts';
import {
  EVENTS_PER_OBJECT_BURST, EVENTS_PER_OBJECT_REFILL_MS, EVENT_NOTE_BYTES_MAX, EVENT_SERIES_IDLE_MS, EVENT_SERIES_MAX, EVENT_SERIES_WRITE_INTERVAL_MS,
  EVENT_WORD_CHARS_MAX, EVENT_WRITES_PENDING_MAX,
} from './limits.ts';
import { microTime } from './micro-time.ts';
import type { KubeObject } from './objects.ts';
import { NO_METRICS, SILENT_LOGGER } from './ports.ts';
import type { Logger, MetricsPort } from './ports.ts';
import { EVENTS } from './resources.ts';
import { firstBytes } from './utf8.ts';

export interface EventInput {
  type: 'Normal' | 'Warning';
  /** CamelCase, why it happened. */
  reason: string;
  /** CamelCase, what was done. */
  action: string;
  /** For people; cut at 1024 characters. */
  note: string;
  related?: KubeObject;
}

export interface EventRecorderOptions {
  client: K8sClient;
  /** Who reports, for example `botplane.dev/operator`. */
  controller: string;
  /** Which process of it: the pod's name. */
  instance: string;
  logger?: Logger;
  metrics?: MetricsPort;
  nowMs?: () => number;
}

interface Series {
  name: string;
  namespace: string;
  count: number;
  writtenCount: number;
  writtenAtMs: number;
  lastAtMs: number;
}

/**
 * Records Events (events.k8s.io/v1). The same event again raises the count of its series instead of making a new object. Never throws and never waits:
 * writes happen behind, one at a time; what cannot be written is counted and dropped.
 */
export class EventRecorder {
  private readonly options: EventRecorderOptions;
  private readonly logger: Logger;
  private readonly metrics: MetricsPort;
  private readonly nowMs: () => number;
  private readonly series = new Map<string, Series>();
  private readonly budgets = new Map<string, { tokens: number; atMs: number }>();
  private readonly pending: (() => Promise<unknown>)[] = [];
  private draining: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: EventRecorderOptions) {
    this.options = options;
    this.logger = options.logger ?? SILENT_LOGGER;
    this.metrics = options.metrics ?? NO_METRICS;
    this.nowMs = options.nowMs ?? Date.now;
  }

  /** Records one event about an object. */
  record(regarding: KubeObject, input: EventInput): void {
    try {
      this.accept(regarding, input);
    } catch (error) {
      this.logger.warn({ err: error, reason: input.reason }, 'event not recorded');
    }
  }

  /** Writes what waits, the counts of running series too; for shutdown. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [key, series] of this.series) if (series.count > series.writtenCount) this.enqueueSeries(key, series);
    await this.draining;
  }

  private accept(regarding: KubeObject, input: EventInput): void {
    const nowMs = this.nowMs();
    const key = seriesKey(regarding, input);
    const running = this.series.get(key);
    if (running && nowMs - running.lastAtMs < EVENT_SERIES_IDLE_MS) {
      running.count++;
      running.lastAtMs = nowMs;
      // The first repeat shows at once, later ones at intervals.
      if (running.writtenCount === 1 || nowMs - running.writtenAtMs >= EVENT_SERIES_WRITE_INTERVAL_MS) this.enqueueSeries(key, running);
      else this.armTimer();
      return;
    }
    if (!this.spend(regarding.metadata.uid ?? regarding.metadata.name, nowMs)) return this.discard('rate');
    const event = this.build(regarding, input, nowMs);
    this.remember(key, { name: event.metadata.name, namespace: event.metadata.namespace, count: 1, writtenCount: 1, writtenAtMs: nowMs, lastAtMs: nowMs });
    this.enqueue(() => this.options.client.create(EVENTS, event));
  }

  private build(regarding: KubeObject, input: EventInput, nowMs: number) {
    const namespace = regarding.metadata.namespace ?? 'default';
    return {
      metadata: { name: `${regarding.metadata.name.slice(0, 200)}.${randomBytes(8).toString('hex')}`, namespace },
      eventTime: microTime(nowMs),
      reportingController: this.options.controller,
      reportingInstance: this.options.instance.slice(0, EVENT_WORD_CHARS_MAX),
      action: input.action.slice(0, EVENT_WORD_CHARS_MAX),
      reason: input.reason.slice(0, EVENT_WORD_CHARS_MAX),
      type: input.type,
      note: firstBytes(input.note, EVENT_NOTE_BYTES_MAX),
      regarding: reference(regarding),
      ...(input.related ? { related: reference(input.related) } : {}),
    };
  }

  private enqueueSeries(key: string, series: Series): void {
    series.writtenCount = series.count;
    series.writtenAtMs = this.nowMs();
    const body = { series: { count: series.count, lastObservedTime: microTime(series.lastAtMs) } };
    this.enqueue(async () => {
      try {
        await this.options.client.patch(EVENTS, series, { type: 'merge', body });
      } catch (error) {
        // Events live an hour; the next occurrence starts a new one.
        if (isNotFound(error)) this.series.delete(key);
        throw error;
      }
    });
  }

  private enqueue(write: () => Promise<unknown>): void {
    if (this.pending.length >= EVENT_WRITES_PENDING_MAX) return this.discard('full');
    this.pending.push(write);
    this.draining ??= this.drain().finally(() => (this.draining = undefined));
  }

  private async drain(): Promise<void> {
    for (let write = this.pending.shift(); write; write = this.pending.shift()) {
      try {
        await write();
      } catch (error) {
        this.discard('refused');
        this.logger.warn({ err: error }, 'event not written');
      }
    }
  }

  private armTimer(): void {
    this.timer ??= setTimeout(() => void this.flush(), EVENT_SERIES_WRITE_INTERVAL_MS).unref();
  }

  private remember(key: string, series: Series): void {
    this.series.delete(key);
    this.series.set(key, series);
    evictOldest(this.series, EVENT_SERIES_MAX);
  }

  private spend(object: string, nowMs: number): boolean {
    const known = this.budgets.get(object) ?? { tokens: EVENTS_PER_OBJECT_BURST, atMs: nowMs };
    const tokens = Math.min(EVENTS_PER_OBJECT_BURST, known.tokens + (nowMs - known.atMs) / EVENTS_PER_OBJECT_REFILL_MS);
    this.budgets.delete(object);
    this.budgets.set(object, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
    evictOldest(this.budgets, EVENT_SERIES_MAX);
    return tokens >= 1;
  }

  private discard(reason: 'rate' | 'full' | 'refused'): void {
    this.metrics.increment('events_discarded_total', { reason });
  }
}

function evictOldest(map: Map<string, unknown>, sizeMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= sizeMax) return;
    map.delete(key);
  }
}

function seriesKey(regarding: KubeObject, input: EventInput): string {
  const { kind, metadata } = regarding;
  const parts = [kind, metadata.namespace, metadata.name, metadata.uid, input.type, input.reason, input.action, input.note, input.related?.metadata.uid];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

function reference(object: KubeObject): Record<string, string> {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace ? { namespace } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}
