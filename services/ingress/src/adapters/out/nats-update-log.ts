import { HEADERS, subjects, updateMessageId } from '@botplane/contracts';
import { AppError, ErrorCode, TRACEPARENT, publishSpan } from '@botplane/kit';
import type { Span } from '@botplane/kit';
import { StreamFullError } from '@botplane/nats';
import type { JetPublisher } from '@botplane/nats';
import type { UpdateLog } from '../../app/ports.ts';
import type { StoredUpdate } from '../../domain/stored-update.ts';
import { PUBLISH_ATTEMPTS_MAX, PUBLISH_MS_MAX } from '../../limits.ts';

/** The streams UPDATES and URGENT. */
export class NatsUpdateLog implements UpdateLog {
  private readonly publisher: JetPublisher;
  private readonly isConnected: () => boolean;

  constructor(publisher: JetPublisher, isConnected: () => boolean) {
    this.publisher = publisher;
    this.isConnected = isConnected;
  }

  async append(update: StoredUpdate, span?: Span): Promise<'stored' | 'duplicate'> {
    // The client would hold the message back until it is connected again; Telegram keeps it better.
    if (!this.isConnected()) throw new AppError(ErrorCode.StoreUnavailable, 'nats is away');
    const subject = update.lane === 'urgent' ? subjects.urgent(update.botId) : subjects.update(update.partition, update.botId);
    const msgId = updateMessageId(update.botId, update.updateId);
    const publishing = span && publishSpan(span, { destination: update.lane, subject, id: msgId });
    try {
      const ack = await this.publisher.publish(subject, update.body, {
        msgId,
        headers: headersOf(update, publishing),
        timeoutMs: PUBLISH_MS_MAX,
        attemptsMax: PUBLISH_ATTEMPTS_MAX,
      });
      return ack.duplicate ? 'duplicate' : 'stored';
    } catch (cause) {
      const code = cause instanceof StreamFullError ? ErrorCode.StoreFull : ErrorCode.StoreUnavailable;
      publishing?.fail(code);
      throw new AppError(code, 'update was not stored', { botId: update.botId, updateId: update.updateId }, { cause });
    } finally {
      publishing?.end();
    }
  }
}

function headersOf(update: StoredUpdate, span: Span | undefined): { [name: string]: string } {
  const headers: { [name: string]: string } = {
    [HEADERS.orderKey]: update.orderKey,
    [HEADERS.stateKey]: update.stateKey,
    [HEADERS.kind]: update.kind,
    [HEADERS.updateId]: String(update.updateId),
    [HEADERS.acceptedMs]: String(update.acceptedMs),
  };
  if (span !== undefined) headers[TRACEPARENT] = span.traceparent;
  return headers;
}
