import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Buckets for latencies inside the platform, in seconds. */
export const LATENCY_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Gauges of prom-client whose names end like those of counters; the same numbers are there by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'] as const;

/** The metrics of one process; names carry their unit and the prefix `botplane_`. */
export interface Metrics {
  readonly registry: Registry;
  /** `known`: series that are there with 0 from the start, so that the first event counts in `rate()`, and its absence is no gap. */
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[], known?: readonly Readonly<Record<L, string>>[]): Counter<L>;
  /** `collect` sets the value when it is scraped. */
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[], collect?: (gauge: Gauge<L>) => void): Gauge<L>;
  /** Default buckets: LATENCY_BUCKETS_SECONDS. */
  histogram<L extends string = never>(name: string, help: string, labels?: readonly L[], buckets?: readonly number[]): Histogram<L>;
}

/** Makes an own registry; with Node's default metrics unless told otherwise. */
export function createMetrics({ defaults = true }: { defaults?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (defaults) collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const registers = [registry];
  return {
    registry,
    counter: <L extends string>(name: string, help: string, labels: readonly L[] = [], known: readonly Readonly<Record<L, string>>[] = []) => {
      const counter = new Counter<L>({ name, help, labelNames: labels, registers });
      for (const series of known) counter.inc(series, 0);
      return counter;
    },
    gauge: <L extends string>(name: string, help: string, labels: readonly L[] = [], collect?: (gauge: Gauge<L>) => void) => {
      const gauge: Gauge<L> = new Gauge<L>({ name, help, labelNames: labels, registers, ...(collect ? { collect: () => collect(gauge) } : {}) });
      return gauge;
    },
    histogram: <L extends string>(name: string, help: string, labels: readonly L[] = [], buckets: readonly number[] = LATENCY_BUCKETS_SECONDS) =>
      new Histogram<L>({ name, help, labelNames: labels, buckets: [...buckets], registers }),
  };
}
