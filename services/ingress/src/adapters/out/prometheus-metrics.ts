import type { Metrics } from '@botplane/kit';
import type { IngressMetrics } from '../../app/ports.ts';

/** Counts what came in for Prometheus. */
export function ingressMetrics(metrics: Metrics): IngressMetrics {
  const accepted = metrics.counter('botplane_ingress_updates_total', 'Updates that are on disk', ['result']);
  const refused = metrics.counter('botplane_ingress_refused_total', 'Requests that were not taken', ['reason']);
  const seconds = metrics.histogram('botplane_ingress_ack_seconds', 'Time until an update was on disk');
  return {
    accepted: (isDuplicate, tookMs) => {
      accepted.inc({ result: isDuplicate ? 'duplicate' : 'stored' });
      seconds.observe(tookMs / 1_000);
    },
    refused: (reason) => refused.inc({ reason }),
  };
}
