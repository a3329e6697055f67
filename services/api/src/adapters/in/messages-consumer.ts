import { STREAMS, subjects } from '@botplane/contracts';
import { TRACEPARENT } from '@botplane/kit';
import type { Log, Tracing } from '@botplane/kit';
import { BatchQueue } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { MessageLag } from '../out/message-metrics.ts';
import type { TidyMessages } from '../../app/tidy-messages.ts';
import type { WriteMessages } from '../../app/write-messages.ts';
import { TIDY_AGAIN_MS, TIDY_INTERVAL_MS, WRITE_ACK_WAIT_MS, WRITE_BATCH_MAX, WRITE_LINGER_MS } from '../../limits.ts';

/** The two jobs of the messages store: all replicas share the writing, and one at a time tidies up. */
export class MessagesConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly queue: BatchQueue;
  private readonly tidy: TidyMessages;
  private readonly lag: MessageLag;
  private readonly log: Log;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(nats: Nats, writer: WriteMessages, tidy: TidyMessages, lag: MessageLag, log: Log, { tracing }: { tracing: Tracing | undefined }) {
    this.tidy = tidy;
    this.lag = lag;
    this.log = log;
    this.queue = new BatchQueue({
      nats, stream: STREAMS.messages, consumer: 'writer', filter: subjects.messagesAll, batchMax: WRITE_BATCH_MAX, lingerMs: WRITE_LINGER_MS, ackWaitMs: WRITE_ACK_WAIT_MS,
      work: async (batch) => {
        const span = tracing?.gather(batch.map((message) => message.headers?.get(TRACEPARENT)), 'process messages', 'consumer', {
          'messaging.system': 'nats', 'messaging.operation.name': 'process', 'messaging.operation.type': 'process', 'messaging.destination.name': STREAMS.messages, 'messaging.batch.message_count': batch.length,
        });
        try {
          return await writer.execute(batch.map((message) => ({ text: message.string(), subject: message.subject, tries: message.info.deliveryCount })));
        } catch (error) {
          span?.fail('store_unavailable');
          throw error;
        } finally {
          span?.end();
        }
      },
      onError: (err) => log.warn({ err }, 'messages are written again later'),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.lag.start();
    this.queue.start();
    this.next(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.lag.stop();
    await Promise.all([this.queue.stop(), this.round]);
  }

  private next(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.round = this.tidyUp();
    }, afterMs).unref();
  }

  private async tidyUp(): Promise<void> {
    let afterMs: number = TIDY_AGAIN_MS;
    try {
      if (await this.tidy.execute()) afterMs = TIDY_INTERVAL_MS;
    } catch (err) {
      this.log.warn({ err }, 'messages are tidied up again later');
    }
    if (!this.isStopped) this.next(afterMs);
  }
}
