import type { Span, Tracing } from './span.ts';

/** A message of a stream, for its span. */
export interface TracedMessage {
  /** What its subject begins with, e.g. `updates`: spans are named by it. */
  readonly destination: string;
  readonly subject: string;
  /** Its message id, or its sequence in the stream. */
  readonly id: string;
}

/** A span for a message that is published within `parent`; its `traceparent` is the message's header. */
export const publishSpan = (parent: Span | undefined, message: TracedMessage): Span | undefined => parent?.child(`publish ${message.destination}`, 'producer', attributesOf(message, 'publish', 'send'));

/** A span for the work on a message; undefined when the message names no trace. */
export const processSpan = (tracing: Tracing | undefined, traceparent: string | undefined, message: TracedMessage): Span | undefined =>
  tracing?.resume(traceparent, `process ${message.destination}`, 'consumer', attributesOf(message, 'process', 'process'));

const attributesOf = ({ destination, subject, id }: TracedMessage, name: string, type: string): Record<string, string> => ({
  'messaging.system': 'nats',
  'messaging.operation.name': name,
  'messaging.operation.type': type,
  'messaging.destination.name': subject,
  'messaging.destination.template': destination,
  'messaging.message.id': id,
});
