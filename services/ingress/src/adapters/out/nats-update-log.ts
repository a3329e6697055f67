import { HEADERS, subjects, updateMessageId } from '@botplane/contracts';
import { AppError, ErrorCode } from '@botplane/kit';
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

  async append(update: StoredUpdate): Promise<'stored' | 'duplicate'> {
    // The client would hold the message back until it is connected again; Telegram keeps it better.
    if (!this.isConnected()) throw new AppError(ErrorCode.StoreUnavailable, 'nats is away');
    const subject = update.lane === 'urgent' ? subjects.urgent(update.botId) : subjects.update(update.partition, update.botId);
    try {
      const ack = await this.publisher.publish(subject, update.body, {
        msgId: updateMessageId(update.botId, update.updateId),
        headers: headersOf(update),
        timeoutMs: PUBLISH_MS_MAX,
        attemptsMax: PUBLISH_ATTEMPTS_MAX,
      });
      return ack.duplicate ? 'duplicate' : 'stored';
    } catch (cause) {
      const code = cause instanceof StreamFullError ? ErrorCode.StoreFull : ErrorCode.StoreUnavailable;
      throw new AppError(code, 'update was not stored', { botId: update.botId, updateId: update.updateId }, { cause });
    }
  }
}

const headersOf = (update: StoredUpdate): { [name: string]: string } => ({
  [HEADERS.orderKey]: update.orderKey,
  [HEADERS.stateKey]: update.stateKey,
  [HEADERS.kind]: update.kind,
  [HEADERS.updateId]: String(update.updateId),
  [HEADERS.acceptedMs]: String(update.acceptedMs),
});
