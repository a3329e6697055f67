import type { Metrics } from '@botplane/kit';
import { QUEUES } from '../../domain/dead-letter.ts';

/** Time of requests, by route, and how many are being answered. */
export const requestMetrics = (metrics: Metrics) => ({
  seconds: metrics.histogram('botplane_api_request_seconds', 'Time to answer a request, by route and status.', ['method', 'route', 'status']),
  inFlight: metrics.gauge('botplane_api_requests_in_flight', 'Requests that are being answered.'),
});

/** What becomes of dead letters that are replayed. */
export const replayMetrics = (metrics: Metrics) => metrics.counter('botplane_dlq_replays_total', 'Dead letters that were asked to be replayed, by outcome.', ['queue', 'outcome'], QUEUES.map((queue) => ({ queue, outcome: 'replayed' })));

/** What waits in the broker. */
export const brokerMetrics = (metrics: Metrics) => ({
  depth: metrics.gauge('botplane_dlq_depth', 'Dead letters that wait, per queue. Every replica reports the same number.', ['queue']),
  unsettled: metrics.gauge('botplane_lag', 'Updates and reply calls that are not settled, over all partitions. Every replica reports the same number.', ['stream']),
});

/** What becomes of messages that are kept. */
export const messageMetrics = (metrics: Metrics) => ({
  messages: metrics.counter('botplane_messages_total', 'Messages taken from the stream, by what became of them.', ['outcome'], [{ outcome: 'written' }]),
  removed: metrics.counter('botplane_messages_removed_total', 'What the retention job removed: whole partitions, single rows.', ['by']),
});

/** What the messages store does not have yet. */
export const messageLagMetrics = (metrics: Metrics) => ({
  waiting: metrics.gauge('botplane_messages_waiting', 'Messages in the stream that Postgres does not have. Every replica reports the same number.'),
  bytes: metrics.gauge('botplane_messages_waiting_bytes', 'Their bytes; the stream refuses more at its limit, and messages are lost.'),
  lag: metrics.gauge('botplane_messages_lag_seconds', 'Age of the oldest of them; 0 without any.'),
});

/** All metrics of the api. */
export function apiMetrics(metrics: Metrics): void {
  for (const register of [requestMetrics, replayMetrics, brokerMetrics, messageMetrics, messageLagMetrics]) register(metrics);
}
