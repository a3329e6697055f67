import type { Metrics } from '@botplane/kit/plain';
import type { Meter } from '../../app/ports.ts';

/** Counts in Prometheus' format. `pending` is read when the metrics are asked for. */
export function makeMeter(metrics: Metrics, pending: () => number): Meter {
  const calls = metrics.counter('botplane_simulator_calls_total', 'Bot API calls by method and HTTP status (0: no answer).', ['method', 'status']);
  const callSeconds = metrics.histogram('botplane_simulator_call_seconds', 'Time to perform a Bot API call.');
  const deliveries = metrics.counter('botplane_simulator_deliveries_total', 'Tries to deliver an update, by HTTP status of the webhook.', ['status']);
  const deliverySeconds = metrics.histogram('botplane_simulator_delivery_seconds', 'Time a webhook took to answer.');
  metrics.gauge('botplane_simulator_updates_pending', 'Updates that wait to be delivered.', [], (gauge) => gauge.set(pending()));
  return {
    called(method, status, seconds) {
      calls.inc({ method, status: String(status) });
      callSeconds.observe(seconds);
    },
    delivered(status, seconds) {
      deliveries.inc({ status });
      deliverySeconds.observe(seconds);
    },
  };
}
