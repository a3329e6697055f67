import type { Bot } from '@botplane/k8s';
import type { Metrics } from '@botplane/kit';
import { conditionMetrics } from '../../metrics.ts';

/** Tells Prometheus how many bots are in which state, read from the cache when it asks. */
export function exposeConditions(metrics: Metrics, bots: { list(): Bot[] }): void {
  conditionMetrics(metrics, (gauge) => {
    for (const { status } of bots.list()) for (const { type, status: is, reason } of status?.conditions ?? []) gauge.inc({ condition: type, status: is, reason });
  });
}
