import { subjects } from '@botplane/contracts';
import type { KeptMessage } from '@botplane/contracts';
import { StreamFullError } from '@botplane/nats';
import type { JetPublisher } from '@botplane/nats';
import type { KeptMessages } from '../../app/ports.ts';

/** `messages.<botId>`, on the way to Postgres. */
export class NatsKeptMessages implements KeptMessages {
  private readonly publisher: JetPublisher;
  private readonly countLost: () => void;

  constructor(publisher: JetPublisher, countLost: () => void) {
    this.publisher = publisher;
    this.countLost = countLost;
  }

  /** A full stream loses the message: Postgres that is away for long must not hold calls up. */
  async put(message: KeptMessage): Promise<void> {
    try {
      await this.publisher.publish(subjects.messages(message.botId), JSON.stringify(message), { msgId: `${message.botId}:${message.chat}:${message.id}` });
    } catch (error) {
      if (!(error instanceof StreamFullError)) throw error;
      this.countLost();
    }
  }
}
