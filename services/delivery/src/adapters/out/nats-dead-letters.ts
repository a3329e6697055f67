import { subjects } from '@botplane/contracts';
import type { DlqEntry } from '@botplane/contracts';
import type { JetPublisher } from '@botplane/nats';
import type { DeadLetters } from '../../app/ports.ts';

/** `dlq.out.<botId>`. */
export class NatsDeadLetters implements DeadLetters {
  private readonly publisher: JetPublisher;

  constructor(publisher: JetPublisher) {
    this.publisher = publisher;
  }

  async put(entry: DlqEntry, messageId: string): Promise<void> {
    await this.publisher.publish(subjects.dlqOut(entry.botId), JSON.stringify(entry), { msgId: messageId });
  }
}
