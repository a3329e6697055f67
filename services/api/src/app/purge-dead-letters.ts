import type { Caller } from '../domain/api-key.ts';
import { matches } from '../domain/dead-letter.ts';
import type { LetterFilter, Queue } from '../domain/dead-letter.ts';
import { BULK_LETTERS_MAX, BULK_MS_MAX } from '../limits.ts';
import { letterNotFound, scan } from './inspect-dead-letters.ts';
import type { AuditLog, Clock, DeadLetters } from './ports.ts';

/** Deletes dead letters for good. */
export class PurgeDeadLetters {
  private readonly letters: DeadLetters;
  private readonly audit: AuditLog;
  private readonly clock: Clock;

  constructor(letters: DeadLetters, audit: AuditLog, clock: Clock) {
    this.letters = letters;
    this.audit = audit;
    this.clock = clock;
  }

  /** Throws AppError `not_found`. */
  async one(caller: Caller, queue: Queue, seq: number): Promise<void> {
    const letter = await this.letters.find(queue, seq);
    if (letter === undefined) throw letterNotFound(queue, seq);
    await this.audit.add({ actor: caller.keyId, action: 'dlq.delete', target: `dlq/${queue}/${seq}`, details: { reason: letter.entry?.reason ?? null } });
    if (!(await this.letters.remove(seq))) throw letterNotFound(queue, seq);
  }

  /** Deletes what matches and was there when it began; `complete: false` means call again. */
  async all(caller: Caller, filter: LetterFilter): Promise<{ removed: number; complete: boolean }> {
    const toSeq = await this.letters.lastSeq();
    await this.audit.add({ actor: caller.keyId, action: 'dlq.purge', target: `dlq/${filter.queue}`, details: { bot: filter.bot ?? null, reason: filter.reason ?? null, toSeq } });
    // Subjects of jobs name a queue, not a bot, so the stream cannot tell them apart by itself.
    const isWhole = filter.reason === undefined && (filter.bot === undefined || filter.queue !== 'jobs');
    if (isWhole) return { removed: await this.letters.purge(filter.queue, filter.bot, toSeq), complete: true };
    return this.eachMatching(filter, toSeq);
  }

  private async eachMatching(filter: LetterFilter, toSeq: number): Promise<{ removed: number; complete: boolean }> {
    const deadlineMs = this.clock.nowMs() + BULK_MS_MAX;
    let removed = 0;
    for await (const letter of scan(this.letters, filter, { fromSeq: 1, toSeq })) {
      if (removed === BULK_LETTERS_MAX || this.clock.nowMs() > deadlineMs) return { removed, complete: false };
      if (matches(letter, filter) && (await this.letters.remove(letter.seq))) removed += 1;
    }
    return { removed, complete: true };
  }
}
