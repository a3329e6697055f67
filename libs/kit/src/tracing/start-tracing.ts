import { tracesEndpoint } from './config.ts';
import type { TracingParts } from './parts.ts';
import type { Tracing } from './span.ts';
import { spanMetrics } from './span-metrics.ts';

/** Tracing as configured; undefined when no collector is. OpenTelemetry's SDK and exporter are not even read then. */
export async function startTracing(parts: TracingParts): Promise<Tracing | undefined> {
  const endpoint = tracesEndpoint(parts.config);
  if (endpoint === undefined) return undefined;
  const { openTelemetry } = await import('./open-telemetry.ts');
  return openTelemetry({ ...parts, endpoint, count: spanMetrics(parts.metrics) });
}
