import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Type } from 'protobufjs';

/** A span as a collector got it. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Undefined for the first one of a trace. */
  parentId: string | undefined;
  service: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  isFailed: boolean;
  attributes: Record<string, string | number | boolean>;
  /** Ids of the spans that it links to. */
  links: string[];
  /** Ms since the epoch. */
  startMs: number;
  endMs: number;
}

/** A collector of traces that keeps what it gets. */
export interface TestCollector {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Headers of the last request. */
  readonly lastHeaders: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** What is read here of opentelemetry.proto.collector.trace.v1. */
const PROTO = `syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; repeated Link links = 13; Status status = 15;
}
message Link { bytes span_id = 2; }
message Status { int32 code = 3; }
message KeyValue { string key = 1; Value value = 2; }
message Value { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }`;
const KINDS = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const FAILED = 2;

interface WireAttributes {
  attributes?: { key: string; value?: Record<string, string | number | boolean> }[];
}
interface WireSpan extends WireAttributes {
  trace_id: Buffer;
  span_id: Buffer;
  parent_span_id?: Buffer;
  name: string;
  kind: number;
  start_time_unix_nano: string;
  end_time_unix_nano: string;
  links?: { span_id: Buffer }[];
  status?: { code?: number };
}
interface WireRequest {
  resource_spans?: { resource?: WireAttributes; scope_spans?: { spans?: WireSpan[] }[] }[];
}

/** Starts one that takes OTLP over HTTP in its binary form; one that `hangs` takes requests and never answers. */
export async function startOtlpCollector({ hangs = false }: { hangs?: boolean } = {}): Promise<TestCollector> {
  // Only now: who needs servers alone should not wait for it.
  const { default: protobuf } = await import('protobufjs');
  const requestType = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Request');
  const spans: ReceivedSpan[] = [];
  const seen: { headers: Record<string, unknown> } = { headers: {} };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.headers = request.headers;
      if (hangs) return;
      if (request.url === '/v1/traces') spans.push(...readSpans(requestType, Buffer.concat(chunks)));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get lastHeaders() {
      return seen.headers;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readSpans(type: Type, body: Buffer): ReceivedSpan[] {
  const request = type.toObject(type.decode(body), { longs: String }) as WireRequest;
  return (request.resource_spans ?? []).flatMap(({ resource, scope_spans: scopes = [] }) => {
    const service = String(readAttributes(resource ?? {})['service.name']);
    return scopes.flatMap(({ spans = [] }) => spans.map((span) => readSpan(service, span)));
  });
}

function readSpan(service: string, span: WireSpan): ReceivedSpan {
  const parentId = hex(span.parent_span_id);
  return {
    traceId: hex(span.trace_id), spanId: hex(span.span_id), parentId: parentId === '' ? undefined : parentId, service, name: span.name, kind: KINDS[span.kind] ?? 'internal',
    isFailed: span.status?.code === FAILED, attributes: readAttributes(span), links: (span.links ?? []).map((link) => hex(link.span_id)),
    startMs: Number(span.start_time_unix_nano) / 1e6, endMs: Number(span.end_time_unix_nano) / 1e6,
  };
}

const hex = (bytes: Buffer | undefined): string => Buffer.from(bytes ?? []).toString('hex');

function readAttributes({ attributes = [] }: WireAttributes): Record<string, string | number | boolean> {
  return Object.fromEntries(attributes.map(({ key, value = {} }) => [key, 'int_value' in value ? Number(value['int_value']) : (Object.values(value)[0] ?? '')]));
}
