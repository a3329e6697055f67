import { subjects } from '@botplane/contracts';
import type { DlqEntry } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { JetPublisher } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { MessageLetters } from '../../app/message-ports.ts';
import { WRITE_TRIES_MAX } from '../../limits.ts';

/** Name of the queue in `dlq.jobs.<queue>`. */
const QUEUE = 'messages';

/** Messages that cannot be written, as jobs that can be replayed once the reason is mended. */
export class JetStreamMessageLetters implements MessageLetters {
  private readonly publisher: JetPublisher;

  constructor(nats: Nats) {
    this.publisher = new JetPublisher(nats.js);
  }

  async put(text: string, subject: string, reason: string, error: string): Promise<void> {
    const entry: DlqEntry = {
      v: 1, botId: subject.slice(subject.indexOf('.') + 1), subjectId: sha256Hex(text).slice(0, 16), reason, message: error.slice(0, 2_048), attempts: reason === 'refused' ? WRITE_TRIES_MAX : 1,
      failedMs: Date.now(), payload: jsonOf(text), target: subject,
    };
    await this.publisher.publish(subjects.dlqJobs(QUEUE), JSON.stringify(entry), { msgId: `${QUEUE}:${subject}:${sha256Hex(text)}` });
  }
}

function jsonOf(text: string): DlqEntry['payload'] {
  try {
    return JSON.parse(text) as DlqEntry['payload'];
  } catch {
    return text;
  }
}
