import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';

/** The stream takes no more: its size, or its limit for one subject, is reached. Nothing was stored; try later. */
export class StreamFullError extends Error {
  override readonly name = 'StreamFullError';
}

/** The broker did not answer in time, or is away. Whether the message was stored is unknown. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** A compare-and-set was refused: somebody else wrote in between. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** The message is larger than the server takes (1 MB by default). Trying again changes nothing. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** What writing to JetStream fails with. */
export type NatsError = StreamFullError | UnavailableError | ConflictError | TooLargeError;

/** Error codes of the server's JetStream API that we tell apart. */
const CODES = { wrongLastSequence: 10071, wrongLastSequenceUnknown: 10164, storeFailed: 10077, noResources: 10023, noStorage: 10047, streamNameInUse: 10058, consumerExists: 10148 } as const;

/** Turns an error of the client into one of ours; anything unknown counts as unavailable, since its outcome is unknown too. */
export function toNatsError(error: unknown, what: string): NatsError {
  if (error instanceof StreamFullError || error instanceof UnavailableError || error instanceof ConflictError || error instanceof TooLargeError) return error;
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  if (error instanceof errors.InvalidArgumentError && message.includes('max_payload')) return new TooLargeError(message, { cause: error });
  const code = error instanceof JetStreamApiError ? error.code : undefined;
  if (code === CODES.wrongLastSequence || code === CODES.wrongLastSequenceUnknown) return new ConflictError(message, { cause: error });
  if (code === CODES.storeFailed || code === CODES.noResources || code === CODES.noStorage) return new StreamFullError(message, { cause: error });
  return new UnavailableError(message, { cause: error });
}

/** True when a stream of that name exists with another configuration. */
export function isNameInUse(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === CODES.streamNameInUse;
}

/** True when a consumer of that name exists with another configuration. */
export function isConsumerOfOtherConfig(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === CODES.consumerExists;
}
