import type { Metrics } from '../metrics.ts';

/** What became of recorded spans. `dropped`: the queue was full. `failed`: the collector did not take them. */
export type SpanOutcome = 'exported' | 'dropped' | 'failed';

/** Counts spans for Prometheus; only where traces are recorded. */
export function spanMetrics(metrics: Metrics): (outcome: SpanOutcome, spans: number) => void {
  const known = (['exported', 'dropped', 'failed'] as const).map((outcome) => ({ outcome }));
  const total = metrics.counter('botplane_trace_spans_total', 'Recorded spans of traces: taken by the collector, not taken (failed), or without room in the queue (dropped)', ['outcome'], known);
  return (outcome, spans) => total.inc({ outcome }, spans);
}
