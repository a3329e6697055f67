import { AppError } from '@botplane/kit';
import { matches } from '../domain/dead-letter.ts';
import type { DeadLetter, LetterFilter } from '../domain/dead-letter.ts';
import type { Caller } from '../domain/api-key.ts';
import { planReplay } from '../domain/plan-replay.ts';
import type { ReplayMessage } from '../domain/plan-replay.ts';
import { BULK_LETTERS_MAX, BULK_MS_MAX, REFUSALS_SHOWN_MAX } from '../limits.ts';
import { scan } from './inspect-dead-letters.ts';
import type { AuditLog, Clock, DeadLetters, ReplayMeter, ReplayQueue } from './ports.ts';

export interface ReplayRequest {
  filter: LetterFilter;
  /** These only, in the order of the stream; undefined: all that match. */
  ids: readonly number[] | undefined;
  dryRun: boolean;
}

export interface ReplayReport {
  dryRun: boolean;
  /** Letters that were meant and there. */
  matched: number;
  /** Published now (in a dry run: would be). */
  replayed: number;
  /** Published before, by a replay that did not get to delete the letter. */
  duplicates: number;
  /** Asked for by id and not there: replayed or deleted before. */
  missing: string[];
  /** Letters that stay, and why; the first 100. */
  refused: { id: string; code: string; message: string }[];
  refusedCount: number;
  /** False when there was more to do than fits one request, or the broker refused: call again. */
  complete: boolean;
}

/** Puts dead letters back to the tail of where they came from. */
export class ReplayDeadLetters {
  private readonly letters: DeadLetters;
  private readonly queue: ReplayQueue;
  private readonly audit: AuditLog;
  private readonly clock: Clock;
  private readonly meter: ReplayMeter;

  constructor(letters: DeadLetters, queue: ReplayQueue, audit: AuditLog, clock: Clock, meter: ReplayMeter) {
    this.letters = letters;
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
    this.meter = meter;
  }

  /** One after the other, oldest first, so that a chat's letters keep their order. */
  async execute(caller: Caller, request: ReplayRequest): Promise<ReplayReport> {
    const report: ReplayReport = { dryRun: request.dryRun, matched: 0, replayed: 0, duplicates: 0, missing: [], refused: [], refusedCount: 0, complete: true };
    // Before anything is done: an action that cannot be recorded does not happen.
    if (!request.dryRun) await this.audit.add({ actor: caller.keyId, action: 'dlq.replay', target: `dlq/${request.filter.queue}`, details: selectionOf(request) });
    const deadlineMs = this.clock.nowMs() + BULK_MS_MAX;
    for await (const letter of this.select(request, report)) {
      if (report.matched === BULK_LETTERS_MAX || this.clock.nowMs() > deadlineMs) return { ...report, complete: false };
      report.matched += 1;
      if (!(await this.replay(letter, report))) return { ...report, complete: false };
    }
    return report;
  }

  private async *select({ filter, ids }: ReplayRequest, report: ReplayReport): AsyncGenerator<DeadLetter> {
    if (ids !== undefined) {
      for (const seq of [...new Set(ids)].sort((a, b) => a - b)) {
        const letter = await this.letters.find(filter.queue, seq);
        if (letter === undefined) report.missing.push(String(seq));
        else yield letter;
      }
      return;
    }
    // What fails again comes back with a higher sequence; without this end a replay could feed itself.
    const toSeq = await this.letters.lastSeq();
    for await (const letter of scan(this.letters, filter, { fromSeq: 1, toSeq })) if (matches(letter, filter)) yield letter;
  }

  /** False when the broker takes no more. */
  private async replay(letter: DeadLetter, report: ReplayReport): Promise<boolean> {
    const plan = planReplay(letter, this.clock.nowMs());
    if (plan.kind === 'refuse') {
      if (!report.dryRun) this.meter.count(letter.queue, 'refused');
      note(report, letter, plan);
      return true;
    }
    if (report.dryRun) {
      report.replayed += 1;
      return true;
    }
    const outcome = await this.publish(plan.message);
    if (typeof outcome !== 'string') {
      this.meter.count(letter.queue, 'failed');
      note(report, letter, outcome);
      return false;
    }
    this.meter.count(letter.queue, outcome === 'stored' ? 'replayed' : 'duplicate');
    if (outcome === 'stored') report.replayed += 1;
    else report.duplicates += 1;
    await this.letters.remove(letter.seq);
    return true;
  }

  private async publish(message: ReplayMessage): Promise<'stored' | 'duplicate' | AppError> {
    try {
      return await this.queue.publish(message);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }
}

function note(report: ReplayReport, letter: DeadLetter, { code, message }: { code: string; message: string }): void {
  report.refusedCount += 1;
  if (report.refused.length < REFUSALS_SHOWN_MAX) report.refused.push({ id: String(letter.seq), code, message });
}

function selectionOf({ filter, ids }: ReplayRequest): { [name: string]: string | string[] } {
  return {
    ...(filter.bot === undefined ? {} : { bot: filter.bot }),
    ...(filter.reason === undefined ? {} : { reason: filter.reason }),
    ...(ids === undefined ? { all: 'true' } : { ids: ids.map(String) }),
  };
}
