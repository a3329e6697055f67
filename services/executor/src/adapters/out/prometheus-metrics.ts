import type { Metrics } from '@botplane/kit';
import type { ClaimEvent } from '@botplane/nats';
import { SETTLED_AS } from '../../app/ports.ts';

const CLAIM_EVENTS = ['claimed', 'released', 'lost', 'error'] as const satisfies readonly ClaimEvent['kind'][];

/** What is read when Prometheus asks. */
export interface ExecutorGauges {
  ownedPartitions(): number;
  runningUpdates(): number;
}

/** All metrics of the executor. */
export function executorMetrics(metrics: Metrics, read: ExecutorGauges) {
  metrics.gauge('botplane_executor_partitions_owned', 'Partitions of UPDATES that this process owns.', [], (gauge) => gauge.set(read.ownedPartitions()));
  metrics.gauge('botplane_executor_updates_in_flight', 'Updates being worked on.', [], (gauge) => gauge.set(read.runningUpdates()));
  return {
    updates: metrics.counter('botplane_executor_updates_total', 'Updates settled, by how.', ['outcome'], SETTLED_AS.map((outcome) => ({ outcome }))),
    updateSeconds: metrics.histogram('botplane_executor_update_seconds', 'From the acceptance of an update to its commit and outbox.'),
    retries: metrics.counter('botplane_executor_retries_total', 'Tries that did not settle an update, by reason.', ['reason'], [{ reason: 'internal' }]),
    deadLetters: metrics.counter('botplane_executor_dead_letters_total', 'Updates given up, by reason.', ['reason'], [{ reason: 'internal' }]),
    codes: metrics.counter('botplane_executor_outcome_codes_total', 'Updates that the bot ignored or failed, by code.', ['outcome', 'code']),
    runtimeCallSeconds: metrics.histogram('botplane_executor_runtime_call_seconds', 'One step on a runtime pod, as seen from here.'),
    messagesLost: metrics.counter('botplane_executor_messages_lost_total', 'Messages that are not kept, because the stream MESSAGES is full.'),
    unreadable: metrics.counter('botplane_executor_unreadable_total', 'Messages on updates.> that are no updates.'),
    urgent: metrics.counter('botplane_executor_urgent_total', 'Queries of the urgent lane, by what became of them.', ['outcome']),
    claims: metrics.counter('botplane_executor_claims_total', 'Changes in the ownership of partitions: claimed, released, lost to another process, error.', ['event'], CLAIM_EVENTS.map((event) => ({ event }))),
  };
}

export type ExecutorMetrics = ReturnType<typeof executorMetrics>;
