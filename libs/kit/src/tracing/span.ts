/** What a span says about its work. Ids and names only: nothing of chats or people, and no URL that holds a token. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Who does what in a hop: `server` and `consumer` answer to `client` and `producer`. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Fields of the log lines that belong to a span. */
export interface SpanIds {
  readonly trace_id: string;
  readonly span_id: string;
}

/** What somebody else told of his work: since when, as ms after the span it belongs to began, and for how long. */
export interface ReportedTime {
  readonly afterMs: number;
  readonly tookMs: number;
}

/**
 * One operation of a trace that is recorded. What is not recorded has no span, so callers write `span?.child(…)`: without tracing, and for
 * traces that are not sampled, not even the arguments are made.
 */
export interface Span {
  /** W3C header value that names this span as the parent of what follows elsewhere. */
  readonly traceparent: string;
  readonly ids: SpanIds;
  /** A part of this operation. It ends with this span at the latest, and counts as failed then. */
  child(name: string, kind: SpanKind, attributes?: SpanAttributes): Span;
  /** A part that another process did, which has no way to a collector of its own. It is over already. */
  report(service: string, name: string, kind: SpanKind, time: ReportedTime, attributes?: SpanAttributes): Span;
  set(attributes: SpanAttributes): void;
  /** Something that happened at one moment. */
  event(name: string, attributes?: SpanAttributes): void;
  /** Ends the parts that are still open as failed: the work begins anew or is given up. */
  interrupt(errorType: string): void;
  /** It failed; `errorType` is one of few values, never a message. */
  fail(errorType: string): void;
  /** It is over; said again, nothing happens. */
  end(): void;
}

/** Traces of this process. */
export interface Tracing {
  /** Begins a trace, or goes on with the one that `traceparent` names; undefined: it is not sampled. */
  begin(name: string, kind: SpanKind, attributes?: SpanAttributes, traceparent?: string): Span | undefined;
  /** Goes on with a trace; undefined: there is none, or it is not sampled. */
  resume(traceparent: string | undefined, name: string, kind: SpanKind, attributes?: SpanAttributes): Span | undefined;
  /** One operation for the work of several traces: it begins one of its own and links to them. Undefined: none of them is sampled. */
  gather(traceparents: readonly (string | undefined)[], name: string, kind: SpanKind, attributes?: SpanAttributes): Span | undefined;
  /** Hands over what is recorded, within bounds, and records no more. */
  close(): Promise<void>;
}

/** Header of messages and requests that names the span they come from. Absent where nothing is recorded. */
export const TRACEPARENT = 'traceparent';
