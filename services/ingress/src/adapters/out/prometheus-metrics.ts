import type { Metrics } from '@botplane/kit';
import type { PollMetrics } from '../../app/ports.ts';
import { REFUSALS, STORE_REFUSALS } from '../../domain/admission.ts';

/** Counts what came in for Prometheus. */
export function ingressMetrics(metrics: Metrics, updatesInFlight: () => number): PollMetrics {
  metrics.gauge('botplane_ingress_updates_in_flight', 'Updates that are being published', [], (gauge) => gauge.set(updatesInFlight()));
  const accepted = metrics.counter('botplane_ingress_updates_total', 'Updates that are on disk', ['result'], [{ result: 'stored' }, { result: 'duplicate' }]);
  const refused = metrics.counter('botplane_ingress_refused_total', 'Requests that were not taken', ['reason'], [...REFUSALS, ...STORE_REFUSALS].map((reason) => ({ reason })));
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

/** Only where bots are polled. */
export function pollingMetrics(metrics: Metrics, pollers: () => number): void {
  metrics.gauge('botplane_ingress_pollers', 'Bots that are polled here', [], (gauge) => gauge.set(pollers()));
}
