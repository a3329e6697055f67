import { setTimeout as sleep } from 'node:timers/promises';
import type { JetStreamClient } from '@nats-io/jetstream';
import { UnavailableError, toNatsError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { StreamWriter } from './stream-writer.ts';
import type { HeaderLines, Stored } from './stream-writer.ts';

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
  private readonly writer: StreamWriter;

  constructor(js: JetStreamClient) {
    this.writer = StreamWriter.of(js);
  }

  /** Throws StreamFullError (nothing stored), UnavailableError (unknown, tries used up), TooLargeError or ConflictError. */
  async publish(subject: string, data: string | Uint8Array, { msgId, headers, timeoutMs = LIMITS.requestTimeoutMs, attemptsMax }: PublishOptions = {}): Promise<Stored> {
    const attempts = msgId === undefined ? 1 : (attemptsMax ?? LIMITS.publishAttemptsMax);
    const lines = linesOf(headers, msgId);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.writer.write(subject, data, { headers: lines, timeoutMs });
      } catch (error) {
        const known = toNatsError(error, `publish ${subject}`);
        if (!(known instanceof UnavailableError) || attempt >= attempts) throw known;
        await sleep(LIMITS.publishPauseMs * 2 ** (attempt - 1));
      }
    }
  }
}

function linesOf(headers: PublishOptions['headers'], msgId: string | undefined): HeaderLines | undefined {
  if (headers === undefined && msgId === undefined) return undefined;
  const lines: HeaderLines = msgId === undefined ? {} : { 'Nats-Msg-Id': [msgId] };
  for (const name in headers) lines[name] = [headers[name] ?? ''];
  return lines;
}
