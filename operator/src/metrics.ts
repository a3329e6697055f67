import { METRICS } from '@botplane/k8s';
import type { MetricName, MetricsPort } from '@botplane/k8s';
import type { Metrics } from '@botplane/kit';
import type { Counter, Gauge, Histogram } from 'prom-client';

type Instrument = Counter | Gauge | Histogram;

/** Binds the metrics of libs/k8s (controller-runtime's names) to the registry of this process. */
export function bindMetrics(metrics: Metrics): MetricsPort {
  const instruments = new Map<MetricName, Instrument>();
  for (const [name, { type, help, labels }] of Object.entries(METRICS)) instruments.set(name as MetricName, metrics[type](name, help, labels));
  return {
    increment: (name, labels, by = 1) => (instruments.get(name) as Counter).inc(labels, by),
    set: (name, labels, value) => (instruments.get(name) as Gauge).set(labels, value),
    observe: (name, labels, value) => (instruments.get(name) as Histogram).observe(labels, value),
  };
}
