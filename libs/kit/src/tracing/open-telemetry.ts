import { ROOT_CONTEXT, SpanKind as Kind, SpanStatusCode, TraceFlags, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Context, SpanContext, Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Sampler, Span as SdkSpan } from '@opentelemetry/sdk-trace';
import { SPAN_BATCH_MAX, SPAN_BATCH_PAUSE_MS, SPAN_EXPORT_MS_MAX, SPANS_CLOSE_MS_MAX, SPANS_WAITING_MAX, SPAN_VALUE_CHARS_MAX } from '../limits.ts';
import { BoundedQueue, CountedExporter } from './bounded-queue.ts';
import type { SamplerName, TracingConfig } from './config.ts';
import type { TracingParts } from './parts.ts';
import type { SpanOutcome } from './span-metrics.ts';
import type { ReportedTime, Span, SpanAttributes, SpanIds, SpanKind, Tracing } from './span.ts';

const KINDS: Readonly<Record<SpanKind, Kind>> = { internal: Kind.INTERNAL, server: Kind.SERVER, client: Kind.CLIENT, producer: Kind.PRODUCER, consumer: Kind.CONSUMER };

/** Makes the tracing of a process with OpenTelemetry's SDK. Nothing is patched and no context is active: spans are handed along. */
export function openTelemetry(parts: TracingParts & { endpoint: string; count: (outcome: SpanOutcome, spans: number) => void }): Tracing {
  const { config, service, instance, endpoint, count, log } = parts;
  const spansMax = config.OTEL_BSP_MAX_QUEUE_SIZE ?? SPANS_WAITING_MAX;
  const timeoutMillis = config.OTEL_EXPORTER_OTLP_TIMEOUT ?? SPAN_EXPORT_MS_MAX;
  const headers = config.OTEL_EXPORTER_OTLP_HEADERS;
  const tell = (isTaken: boolean): void => log[isTaken ? 'info' : 'warn']({ endpoint: new URL(endpoint).origin }, isTaken ? 'collector takes traces' : 'collector does not take traces');
  const exporter = new CountedExporter(new OTLPTraceExporter({ url: endpoint, timeoutMillis, ...(headers === undefined ? {} : { headers }) }), count, tell);
  const batches = new BatchSpanProcessor({
    exporter, maxQueueSize: spansMax, maxExportBatchSize: Math.min(SPAN_BATCH_MAX, spansMax), exportTimeoutMillis: timeoutMillis * 2,
    scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY ?? SPAN_BATCH_PAUSE_MS,
  });
  const queue = new BoundedQueue(batches, exporter, { spansMax, count });
  const sampler = samplerOf(config);
  const makeTracer = (name: string, attributes: SpanAttributes): Tracer => {
    const resource = defaultResource().merge(resourceFromAttributes({ ...config.OTEL_RESOURCE_ATTRIBUTES, ...attributes, 'service.name': name }));
    return new TracerProvider({ resource, sampler, spanProcessors: [queue], spanLimits: { attributeValueLengthLimit: SPAN_VALUE_CHARS_MAX } }).getTracer('botplane');
  };
  log.info({ endpoint: new URL(endpoint).origin, sampler: config.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on' }, 'traces are recorded');
  const own = makeTracer(config.OTEL_SERVICE_NAME ?? `botplane-${service}`, { 'service.instance.id': instance });
  return new OpenTelemetryTracing(own, (other) => makeTracer(`botplane-${other}`, {}), () => queue.shutdown());
}

class OpenTelemetryTracing implements Tracing {
  private readonly others = new Map<string, Tracer>();

  constructor(
    readonly tracer: Tracer,
    private readonly makeTracer: (service: string) => Tracer,
    private readonly shutDown: () => Promise<void>,
  ) {}

  begin(name: string, kind: SpanKind, attributes: SpanAttributes = {}, traceparent?: string): Span | undefined {
    return this.recorded(this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, contextOf(parseTraceparent(traceparent))));
  }

  resume(traceparent: string | undefined, name: string, kind: SpanKind, attributes?: SpanAttributes): Span | undefined {
    return parseTraceparent(traceparent) && this.begin(name, kind, attributes, traceparent);
  }

  gather(traceparents: readonly (string | undefined)[], name: string, kind: SpanKind, attributes: SpanAttributes = {}): Span | undefined {
    const contexts = traceparents.map(parseTraceparent).filter((context): context is SpanContext => context !== undefined && (context.traceFlags & TraceFlags.SAMPLED) !== 0);
    const [first, ...more] = contexts;
    if (first === undefined) return undefined;
    // A single parent needs no trace beside its own.
    if (more.length === 0) return this.recorded(this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, contextOf(first)));
    return this.recorded(this.tracer.startSpan(name, { kind: KINDS[kind], attributes, links: contexts.map((context) => ({ context })) }, ROOT_CONTEXT));
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, SPANS_CLOSE_MS_MAX)));
    await Promise.race([this.shutDown().catch(() => undefined), late]); // What failed is counted.
    clearTimeout(timer);
  }

  tracerOf(service: string): Tracer {
    let tracer = this.others.get(service);
    if (tracer === undefined) {
      tracer = this.makeTracer(service);
      this.others.set(service, tracer);
    }
    return tracer;
  }

  private recorded(span: ReturnType<Tracer['startSpan']>): Span | undefined {
    return span.isRecording() ? new RecordedSpan(this, span as SdkSpan) : undefined;
  }
}

class RecordedSpan implements Span {
  readonly ids: SpanIds;
  readonly traceparent: string;
  private readonly open = new Set<RecordedSpan>();
  private readonly context: Context;

  constructor(
    private readonly tracing: OpenTelemetryTracing,
    private readonly span: SdkSpan,
    private readonly parent?: RecordedSpan,
  ) {
    const { traceId, spanId } = span.spanContext();
    this.ids = { trace_id: traceId, span_id: spanId };
    this.traceparent = `00-${traceId}-${spanId}-01`;
    this.context = trace.setSpan(ROOT_CONTEXT, span);
    parent?.open.add(this);
  }

  child(name: string, kind: SpanKind, attributes: SpanAttributes = {}): Span {
    return new RecordedSpan(this.tracing, this.tracing.tracer.startSpan(name, { kind: KINDS[kind], attributes }, this.context) as SdkSpan, this);
  }

  report(service: string, name: string, kind: SpanKind, { afterMs, tookMs }: ReportedTime, attributes: SpanAttributes = {}): Span {
    const [seconds, nanos] = this.span.startTime;
    const startTime = seconds * 1_000 + nanos / 1e6 + Math.max(0, afterMs);
    const span = this.tracing.tracerOf(service).startSpan(name, { kind: KINDS[kind], attributes, startTime }, this.context) as SdkSpan;
    span.end(startTime + Math.max(0, tookMs));
    return new RecordedSpan(this.tracing, span);
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  event(name: string, attributes: SpanAttributes = {}): void {
    this.span.addEvent(name, attributes);
  }

  interrupt(errorType: string): void {
    for (const part of this.open) {
      part.fail(errorType);
      part.end();
    }
  }

  fail(errorType: string): void {
    this.span.setAttribute('error.type', errorType);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.interrupt('abandoned');
    this.parent?.open.delete(this);
    if (!this.span.ended) this.span.end();
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** Undefined for what is no `traceparent`. */
function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = (text === undefined || text.startsWith('ff') ? null : TRACEPARENT.exec(text)) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

const contextOf = (parent: SpanContext | undefined): Context => (parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent));

function samplerOf({ OTEL_TRACES_SAMPLER: name = 'parentbased_always_on', OTEL_TRACES_SAMPLER_ARG: ratio = 1 }: TracingConfig): Sampler {
  const roots: Readonly<Record<SamplerName, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
    parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
  };
  return roots[name]();
}
