import { setTimeout as sleep } from 'node:timers/promises';
import type { JetStreamClient, PubAck } from '@nats-io/jetstream';
import { headers as makeHeaders } from '@nats-io/nats-core';
import { endOfTurn } from './end-of-turn.ts';
import { UnavailableError, toNatsError } from './errors.ts';
import { LIMITS } from './limits.ts';

export interface PublishOptions {
  /** Makes repeats harmless within the stream's duplicate window. Without one a publish is tried only once. */
  msgId?: string;
  headers?: { [name: string]: string };
  /** Per attempt. Default 5 s. */
  timeoutMs?: number;
  /** Attempts in all. Default 3 with a msgId. */
  attemptsMax?: number;
}

/** Publishes to JetStream and waits for the server's confirmation. */
export class JetPublisher {
  constructor(private readonly js: JetStreamClient) {}

  /** Throws StreamFullError (nothing stored), UnavailableError (unknown, tries used up), TooLargeError or ConflictError. */
  async publish(subject: string, data: string | Uint8Array, options: PublishOptions = {}): Promise<PubAck> {
    const attemptsMax = options.msgId === undefined ? 1 : (options.attemptsMax ?? LIMITS.publishAttemptsMax);
    for (let attempt = 1; ; attempt++) {
      await endOfTurn();
      try {
        return await this.js.publish(subject, data, {
          timeout: options.timeoutMs ?? LIMITS.requestTimeoutMs,
          ...(options.msgId === undefined ? {} : { msgID: options.msgId }),
          ...(options.headers === undefined ? {} : { headers: toHeaders(options.headers) }),
        });
      } catch (error) {
        const known = toNatsError(error, `publish ${subject}`);
        if (!(known instanceof UnavailableError) || attempt >= attemptsMax) throw known;
        await sleep(LIMITS.publishPauseMs * 2 ** (attempt - 1));
      }
    }
  }
}

function toHeaders(values: { [name: string]: string }): ReturnType<typeof makeHeaders> {
  const result = makeHeaders();
  for (const [name, value] of Object.entries(values)) result.append(name, value);
  return result;
}
