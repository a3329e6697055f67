import { createMetrics, spanMetrics } from '@botplane/kit/plain';
import type { Metrics } from '@botplane/kit/plain';
import { bindMetrics, botMetrics, capacityMetrics, certificateMetrics, conditionMetrics } from '../../../../operator/src/metrics.ts';
import { apiMetrics } from '../../../../services/api/src/adapters/out/prometheus-metrics.ts';
import { deliveryMetrics } from '../../../../services/delivery/src/adapters/out/prometheus-metrics.ts';
import { executorMetrics } from '../../../../services/executor/src/adapters/out/prometheus-metrics.ts';
import { ingressMetrics, pollingMetrics } from '../../../../services/ingress/src/adapters/out/prometheus-metrics.ts';
import { runtimeMetrics } from '../../../../services/runtime/src/adapters/out/prometheus-metrics.ts';
import { makeMeter } from '../../../../services/simulator/src/adapters/out/prometheus-meter.ts';

export interface MetricDescription {
  readonly component: string;
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

const none = (): number => 0;

/** What registers the metrics of each service; the services call the same functions when they start. */
const COMPONENTS: Readonly<Record<string, (metrics: Metrics) => unknown>> = {
  operator: (metrics) => [bindMetrics(metrics), capacityMetrics(metrics, none), conditionMetrics(metrics, none), certificateMetrics(metrics), botMetrics(metrics, { ready: none, traffic: none })],
  ingress: (metrics) => [ingressMetrics(metrics, none), pollingMetrics(metrics, none)],
  executor: (metrics) => executorMetrics(metrics, { ownedPartitions: none, runningUpdates: none }),
  runtime: (metrics) => runtimeMetrics(metrics, { callsInHand: none, revisionsLoaded: none }),
  delivery: (metrics) => deliveryMetrics(metrics, { callsInHand: none, partitionsOwned: none, frozen: none }),
  api: apiMetrics,
  simulator: (metrics) => makeMeter(metrics, none),
  'every service that records traces': spanMetrics,
};

/** Every metric of every service, sorted by component and name; those of Node itself apart. */
export const METRIC_CATALOGUE: readonly MetricDescription[] = Object.entries(COMPONENTS).flatMap(([component, register]) =>
  describe(component, register).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
);

function describe(component: string, register: (metrics: Metrics) => unknown): MetricDescription[] {
  const real = createMetrics({ defaults: false });
  const found: MetricDescription[] = [];
  const note = (type: MetricDescription['type'], name: string, help: string, labels: readonly string[] = []): void => void found.push({ component, type, name, help: help.replace(/\.$/, ''), labels });
  register({
    registry: real.registry,
    counter: (name, help, labels, known) => {
      note('counter', name, help, labels);
      return real.counter(name, help, labels, known);
    },
    gauge: (name, help, labels, collect) => {
      note('gauge', name, help, labels);
      return real.gauge(name, help, labels, collect);
    },
    histogram: (name, help, labels, buckets) => {
      note('histogram', name, help, labels);
      return real.histogram(name, help, labels, buckets);
    },
  });
  return found;
}
