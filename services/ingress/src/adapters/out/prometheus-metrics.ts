import type { Metrics } from '@botplane/kit';
import type { PollMetrics } from '../../app/ports.ts';

/** Counts what came in for Prometheus. */
export function ingressMetrics(metrics: Metrics): PollMetrics {
  const accepted = metrics.counter('botplane_ingress_updates_total', 'Updates that are on disk', ['result']);
  const refused = metrics.counter('botplane_ingress_refused_total', 'Requests that were not taken', ['reason']);
  const seconds = metrics.histogram('botplane_ingress_ack_seconds', 'Time until an update was on disk');
  const polled = metrics.counter('botplane_ingress_polls_total', 'Calls of getUpdates', ['outcome']);
  return {
    polled: (outcome) => polled.inc({ outcome }),
    accepted: (isDuplicate, tookMs) => {
      accepted.inc({ result: isDuplicate ? 'duplicate' : 'stored' });
      seconds.observe(tookMs / 1_000);
    },
    refused: (reason) => refused.inc({ reason }),
  };
}
