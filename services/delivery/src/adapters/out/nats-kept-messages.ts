import { subjects } from '@botplane/contracts';
import type { KeptMessage } from '@botplane/contracts';
import type { JetPublisher } from '@botplane/nats';
import type { KeptMessages } from '../../app/ports.ts';

/** `messages.<botId>`, on the way to Postgres. */
export class NatsKeptMessages implements KeptMessages {
  private readonly publisher: JetPublisher;

  constructor(publisher: JetPublisher) {
    this.publisher = publisher;
  }

  async put(message: KeptMessage): Promise<void> {
    await this.publisher.publish(subjects.messages(message.botId), JSON.stringify(message), { msgId: `${message.botId}:${message.chat}:${message.id}` });
  }
}
