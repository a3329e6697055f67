import { z } from 'zod';
import { envBool, envInt, envUrl } from '../env.ts';

const SAMPLERS = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;
/** Names of samplers as OpenTelemetry has them. */
export type SamplerName = (typeof SAMPLERS)[number];

/** `name=value,name=value`, percent-encoded, as the values of OpenTelemetry's variables are. */
const pairs = z.string().transform((text, context) => {
  const found: Record<string, string> = {};
  for (const pair of text.split(',').map((part) => part.trim()).filter((part) => part !== '')) {
    const at = pair.indexOf('=');
    const value = at > 0 ? decode(pair.slice(at + 1).trim()) : undefined;
    if (value !== undefined) found[pair.slice(0, at).trim()] = value;
    // The pair itself may be a secret.
    else context.addIssue({ code: 'custom', message: 'must be name=value,name=value, percent-encoded' });
  }
  return found;
});

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** OpenTelemetry's own variables. Without an endpoint nothing is recorded. */
export const tracingEnv = {
  /** Root of a collector that takes OTLP over HTTP, e.g. http://collector.observability:4318; traces go to `/v1/traces` below it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: envUrl('http', 'https').optional(),
  /** The same for traces alone, as it is. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: envUrl('http', 'https').optional(),
  /** Headers of each request to the collector, e.g. its key. */
  OTEL_EXPORTER_OTLP_HEADERS: pairs.optional(),
  /** One request to the collector, with its retries, in ms. Default 10 s. */
  OTEL_EXPORTER_OTLP_TIMEOUT: envInt(1, 60_000).optional(),
  /** Which traces are recorded that begin here. Default parentbased_always_on. */
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).optional(),
  /** Share of traces, for the samplers with a ratio. Default 1. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).optional(),
  /** Default: `botplane-<service>`. */
  OTEL_SERVICE_NAME: z.string().min(1).optional(),
  /** Further attributes of the process. */
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional(),
  /** Pause between two requests to the collector, in ms. Default 5 s. */
  OTEL_BSP_SCHEDULE_DELAY: envInt(1, 60_000).optional(),
  /** Spans that wait for the collector; more are dropped. Default 2048. */
  OTEL_BSP_MAX_QUEUE_SIZE: envInt(1, 65_536).optional(),
  /** Records nothing whatever the others say. */
  OTEL_SDK_DISABLED: envBool().optional(),
} as const;

const tracingSchema = z.object(tracingEnv);
export type TracingConfig = Readonly<z.output<typeof tracingSchema>>;

/** Where traces go; undefined: nowhere, so none are recorded. */
export function tracesEndpoint(config: TracingConfig): string | undefined {
  if (config.OTEL_SDK_DISABLED === true) return undefined;
  const root = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  return config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (root === undefined ? undefined : `${root}/v1/traces`);
}
