import { STREAMS, subjects } from '@botplane/contracts';
import { AppError, ErrorCode } from '@botplane/kit';
import type { Nats } from '@botplane/nats';
import type { StoredMsg } from '@nats-io/jetstream';
import type { DeadLetters } from '../../app/ports.ts';
import { QUEUES, parseLetterSubject, readEntry } from '../../domain/dead-letter.ts';
import type { DeadLetter, Queue } from '../../domain/dead-letter.ts';
import { BATCH_BYTES_MAX, BATCH_LETTERS_MAX } from '../../limits.ts';

/** Dead letters in the stream DLQ; reads go past consumers, so nothing is left behind and replicas do not meet. */
export class JetStreamDeadLetters implements DeadLetters {
  private readonly nats: Nats;

  constructor(nats: Nats) {
    this.nats = nats;
  }

  async batch(queue: Queue, bot: string | undefined, fromSeq: number): Promise<DeadLetter[]> {
    return available(async () => {
      const options = { seq: fromSeq, next_by_subj: subjectOf(queue, bot), batch: BATCH_LETTERS_MAX, max_bytes: BATCH_BYTES_MAX };
      const letters: DeadLetter[] = [];
      try {
        for await (const message of await this.nats.jsm.direct.getBatch(STREAMS.dlq, options)) letters.push(...readLetter(message));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      return letters;
    });
  }

  async find(queue: Queue, seq: number): Promise<DeadLetter | undefined> {
    return available(async () => {
      const message = await this.nats.jsm.direct.getMessage(STREAMS.dlq, { seq }).catch(nullIfNotFound);
      const [letter] = message === null ? [] : readLetter(message);
      return letter?.queue === queue ? letter : undefined;
    });
  }

  async remove(seq: number): Promise<boolean> {
    // Overwritten in the store too: a letter holds what people wrote.
    return available(() => this.nats.jsm.streams.deleteMessage(STREAMS.dlq, seq, true).catch(falseIfNotFound));
  }

  async purge(queue: Queue, bot: string | undefined, upToSeq: number): Promise<number> {
    return available(async () => (await this.nats.jsm.streams.purge(STREAMS.dlq, { filter: subjectOf(queue, bot), seq: upToSeq + 1 })).purged);
  }

  async lastSeq(): Promise<number> {
    return available(async () => (await this.nats.jsm.streams.info(STREAMS.dlq)).state.last_seq);
  }

  async depths(): Promise<Record<Queue, number>> {
    return available(async () => {
      const depths: Record<Queue, number> = { in: 0, out: 0, jobs: 0 };
      for (const queue of QUEUES) {
        const { state } = await this.nats.jsm.streams.info(STREAMS.dlq, { subjects_filter: subjectOf(queue, undefined) });
        depths[queue] = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
      }
      return depths;
    });
  }
}

function subjectOf(queue: Queue, bot: string | undefined): string {
  if (bot === undefined || queue === 'jobs') return `dlq.${queue}.>`;
  return queue === 'in' ? subjects.dlqIn(bot) : subjects.dlqOut(bot);
}

function readLetter(message: StoredMsg): DeadLetter[] {
  const subject = parseLetterSubject(message.subject);
  if (subject === undefined) return [];
  return [{ seq: message.seq, queue: subject.queue, subjectName: subject.name, storedMs: message.time.getTime(), bytes: message.data.length, entry: readEntry(message.string()) }];
}

/** The server's word for a sequence or a subject that holds nothing. */
const isNotFound = (error: unknown): boolean => error instanceof Error && /no message found|message not found/i.test(error.message);

function nullIfNotFound(error: unknown): null {
  if (isNotFound(error)) return null;
  throw error;
}

function falseIfNotFound(error: unknown): false {
  if (isNotFound(error)) return false;
  throw error;
}

async function available<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new AppError(ErrorCode.StoreUnavailable, 'the message broker does not answer; try again in a moment', {}, { cause });
  }
}
