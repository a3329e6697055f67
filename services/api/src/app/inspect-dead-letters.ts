import { AppError, ErrorCode } from '@botplane/kit';
import { matches } from '../domain/dead-letter.ts';
import type { DeadLetter, LetterFilter, Queue } from '../domain/dead-letter.ts';
import { SCAN_LETTERS_MAX } from '../limits.ts';
import type { DeadLetters } from './ports.ts';

export interface LetterPage {
  letters: DeadLetter[];
  /** Sequence to go on with; null at the end. */
  nextSeq: number | null;
}

/** Reads dead letters. */
export class InspectDeadLetters {
  private readonly letters: DeadLetters;

  constructor(letters: DeadLetters) {
    this.letters = letters;
  }

  /** One page, oldest first. With a rare filter it may hold fewer letters than asked, or none, and still not be the last. */
  async list(filter: LetterFilter, fromSeq: number, max: number): Promise<LetterPage> {
    const found: DeadLetter[] = [];
    let scanned = 0;
    for await (const letter of scan(this.letters, filter, { fromSeq, toSeq: Number.MAX_SAFE_INTEGER })) {
      if (found.length === max || scanned === SCAN_LETTERS_MAX) return { letters: found, nextSeq: letter.seq };
      scanned += 1;
      if (matches(letter, filter)) found.push(letter);
    }
    return { letters: found, nextSeq: null };
  }

  /** Throws AppError `not_found`. */
  async get(queue: Queue, seq: number): Promise<DeadLetter> {
    const letter = await this.letters.find(queue, seq);
    if (letter === undefined) throw letterNotFound(queue, seq);
    return letter;
  }

  depths(): Promise<Record<Queue, number>> {
    return this.letters.depths();
  }
}

export const letterNotFound = (queue: Queue, seq: number): AppError =>
  new AppError(ErrorCode.NotFound, `there is no dead letter ${seq} in ${queue}: it was replayed, deleted, or never there; GET /admin/dlq/${queue} lists what is`);

/** Every letter of a queue between two sequences (inclusive), in order; the filter's bot narrows what is read, its reason does not. */
export async function* scan(letters: DeadLetters, filter: LetterFilter, range: { fromSeq: number; toSeq: number }): AsyncGenerator<DeadLetter> {
  for (let fromSeq = range.fromSeq; ; ) {
    const batch = await letters.batch(filter.queue, filter.bot, fromSeq);
    if (batch.length === 0) return;
    for (const letter of batch) {
      if (letter.seq > range.toSeq) return;
      yield letter;
      fromSeq = letter.seq + 1;
    }
  }
}
