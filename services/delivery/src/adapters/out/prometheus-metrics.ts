import type { Metrics } from '@botplane/kit';
import type { ClaimEvent } from '@botplane/nats';
import type { DeliveryMetrics } from '../../app/ports.ts';

const CLAIM_EVENTS = ['claimed', 'released', 'lost', 'error'] as const satisfies readonly ClaimEvent['kind'][];

/** What is read when Prometheus asks. */
export interface DeliveryGauges {
  callsInHand(): number;
  partitionsOwned(): number;
  frozen(): number;
}

/** What adapters count by themselves. */
export interface DeliveryCounters {
  messageLost(): void;
  claim(event: ClaimEvent['kind']): void;
}

/** Counts what went out for Prometheus. */
export function deliveryMetrics(metrics: Metrics, read: DeliveryGauges): DeliveryMetrics & DeliveryCounters {
  metrics.gauge('botplane_delivery_calls_in_flight', 'Calls that are not settled', [], (gauge) => gauge.set(read.callsInHand()));
  metrics.gauge('botplane_delivery_partitions_owned', 'Partitions of OUTBOUND owned here', [], (gauge) => gauge.set(read.partitionsOwned()));
  metrics.gauge('botplane_delivery_frozen', 'Chats and bots that wait after a 429', [], (gauge) => gauge.set(read.frozen()));
  const messagesLost = metrics.counter('botplane_delivery_messages_lost_total', 'Messages that are not kept, because the stream MESSAGES is full');
  const claims = metrics.counter('botplane_delivery_claims_total', 'Changes in the ownership of partitions: claimed, released, lost to another process, error.', ['event'], CLAIM_EVENTS.map((event) => ({ event })));
  const settled = metrics.counter('botplane_delivery_calls_total', 'Calls by lane and what became of them', ['lane', 'outcome'], ['reply', 'bulk', 'paid'].map((lane) => ({ lane, outcome: 'sent' })));
  const endToEnd = metrics.histogram('botplane_delivery_end_to_end_seconds', 'From accepting the update to the answer of Telegram', ['lane']);
  const seconds = metrics.histogram('botplane_delivery_call_seconds', 'Time of one request to the Bot API');
  const retried = metrics.counter('botplane_delivery_retries_total', 'Tries that were not the last one, by reason', ['reason'], [{ reason: 'unreachable' }, { reason: 'no_answer' }, { reason: 'migrated' }]);
  const froze = metrics.counter('botplane_delivery_freezes_total', '429 answers, by what was frozen', ['scope'], [{ scope: 'chat' }, { scope: 'bot' }]);
  const ambiguous = metrics.counter('botplane_delivery_ambiguous_total', 'Requests whose answer was lost: the call may have been done twice');
  const dead = metrics.counter('botplane_delivery_dead_letters_total', 'Calls that went to the DLQ', ['reason'], [{ reason: 'bad_request' }]);
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
    messageLost: () => messagesLost.inc(),
    claim: (event) => claims.inc({ event }),
  };
}
