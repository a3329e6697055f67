import type { Metrics } from '@botplane/kit';
import type { DeliveryMetrics } from '../../app/ports.ts';

/** Counts what went out for Prometheus. */
export function deliveryMetrics(metrics: Metrics): DeliveryMetrics {
  const settled = metrics.counter('botplane_delivery_calls_total', 'Calls by lane and what became of them', ['lane', 'outcome']);
  const endToEnd = metrics.histogram('botplane_delivery_end_to_end_seconds', 'From accepting the update to the answer of Telegram', ['lane']);
  const seconds = metrics.histogram('botplane_delivery_call_seconds', 'Time of one request to the Bot API');
  const retried = metrics.counter('botplane_delivery_retries_total', 'Tries that were not the last one, by reason', ['reason']);
  const froze = metrics.counter('botplane_delivery_freezes_total', '429 answers, by what was frozen', ['scope']);
  const ambiguous = metrics.counter('botplane_delivery_ambiguous_total', 'Requests whose answer was lost: the call may have been done twice');
  const dead = metrics.counter('botplane_delivery_dead_letters_total', 'Calls that went to the DLQ', ['reason']);
  return {
    settled: (lane, outcome, endToEndMs) => {
      settled.inc({ lane, outcome });
      if (outcome === 'sent') endToEnd.observe({ lane }, endToEndMs / 1_000);
    },
    called: (tookMs) => seconds.observe(tookMs / 1_000),
    retried: (reason) => retried.inc({ reason }),
    froze: (scope) => froze.inc({ scope }),
    ambiguous: () => ambiguous.inc(),
    deadLettered: (reason) => dead.inc({ reason }),
  };
}
