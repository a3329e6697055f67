import { AppError, ErrorCode } from '@botplane/kit';
import { JetPublisher, StreamFullError } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { ReplayQueue } from '../../app/ports.ts';
import type { ReplayMessage } from '../../domain/plan-replay.ts';

/** Publishes replays to UPDATES, OUTBOUND and the queues of jobs. */
export class JetStreamReplayQueue implements ReplayQueue {
  private readonly publisher: JetPublisher;

  constructor(nats: Nats) {
    this.publisher = new JetPublisher(nats.js);
  }

  async publish({ subject, body, headers, msgId }: ReplayMessage): Promise<'stored' | 'duplicate'> {
    try {
      const ack = await this.publisher.publish(subject, body, { msgId, headers });
      return ack.duplicate ? 'duplicate' : 'stored';
    } catch (cause) {
      if (cause instanceof StreamFullError) throw new AppError(ErrorCode.StoreFull, 'the queue takes no more now; replay again when it has drained', {}, { cause });
      throw new AppError(ErrorCode.StoreUnavailable, 'the message broker does not answer; replay again in a moment', {}, { cause });
    }
  }
}
