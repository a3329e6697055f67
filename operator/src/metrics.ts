import { METRICS } from '@botplane/k8s';
import type { MetricName, MetricsPort } from '@botplane/k8s';
import type { Metrics } from '@botplane/kit/plain';
import type { Counter, Gauge, Histogram } from 'prom-client';

/** How much of a pool is taken. Headroom in bots is what is left when each Bot has one sandbox in the pool; negative: sandboxes take turns. */
export interface Capacity {
  bots: number;
  readyPods: number;
  sandboxesMax: number;
  headroom: number;
}

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

type BotruntimeGauge = Gauge<'namespace' | 'botruntime'>;

/** How full each pool is; `fill` sets one series per pool when Prometheus asks. */
export function capacityMetrics(metrics: Metrics, fill: (gauge: BotruntimeGauge, value: (capacity: Capacity) => number) => void): void {
  const gauge = (name: string, help: string, value: (capacity: Capacity) => number): void => {
    metrics.gauge(name, help, ['namespace', 'botruntime'], (each) => {
      each.reset();
      fill(each, value);
    });
  };
  gauge('botplane_botruntime_bots', 'Bots that take a sandbox of the pool: they name it, are not suspended and not Dedicated', ({ bots }) => bots);
  gauge('botplane_botruntime_ready_pods', 'Pods of the pool that are ready', ({ readyPods }) => readyPods);
  gauge('botplane_botruntime_sandboxes_max', 'Sandboxes that the ready pods keep alive at once, at most', ({ sandboxesMax }) => sandboxesMax);
  gauge('botplane_botruntime_headroom_bots', 'Bots that the pool has room for beyond those that take a sandbox', ({ headroom }) => headroom);
}

/** Bots by the state of their conditions; `fill` sets the series when Prometheus asks. */
export function conditionMetrics(metrics: Metrics, fill: (gauge: Gauge<'condition' | 'status' | 'reason'>) => void): void {
  metrics.gauge('botplane_bot_conditions', 'Bots by condition, its status and its reason.', ['condition', 'status', 'reason'], (gauge) => {
    gauge.reset();
    fill(gauge);
  });
}

/** Seconds, each one of STEP_MS_BOUNDS, so that counts stay exact. */
const BOT_STEP_BUCKETS_SECONDS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5] as const;

/** What single bots do; the gauges are filled when Prometheus asks. */
export function botMetrics(metrics: Metrics, fill: { ready: (gauge: Gauge<'namespace' | 'bot'>) => void; traffic: (gauge: Gauge<'namespace' | 'bot' | 'revision'>) => void }) {
  metrics.gauge('botplane_bot_ready', '1: the Bot is Ready; 0: it is not.', ['namespace', 'bot'], (gauge) => {
    gauge.reset();
    fill.ready(gauge);
  });
  metrics.gauge('botplane_bot_traffic_ratio', 'Share of the chats of a bot that a revision serves.', ['namespace', 'bot', 'revision'], (gauge) => {
    gauge.reset();
    fill.traffic(gauge);
  });
  return {
    steps: metrics.counter('botplane_bot_steps_total', 'Steps of a bot by outcome (ok, failed, killed), of revisions that serve.', ['namespace', 'bot', 'revision', 'outcome']),
    letters: metrics.counter('botplane_bot_dead_letters_total', 'Updates and calls of a bot that were given up by its own fault, of revisions that serve.', ['namespace', 'bot', 'revision']),
    seconds: metrics.histogram('botplane_bot_step_seconds', 'Length of a step of a bot, rounded up.', ['namespace', 'bot'], BOT_STEP_BUCKETS_SECONDS),
  };
}

/** When certificates end on which an install hangs; the value is set with each look at them. */
export const certificateMetrics = (metrics: Metrics) => metrics.gauge('botplane_certificate_not_after_seconds', 'End of a certificate, in seconds since 1970: admission (webhook), and with TLS client (of the services) and nats (what it shows).', ['certificate']);
