import { STEP_MS_BOUNDS } from '@botplane/contracts';
import type { RevisionCounts, RevisionStats } from '@botplane/contracts';
import { LIMITS } from '../limits.ts';

/** Counts what revisions do until somebody takes the counts; one increment in memory per step. */
export class RevisionCounter {
  private byBot = new Map<string, Map<string, RevisionCounts>>();
  private size = 0;

  /** A step that gave an output; `failed`: the output says that the bot failed. */
  step(botId: string, revision: string, ms: number, failed: boolean): void {
    const counts = this.of(botId, revision);
    if (counts === undefined) return;
    counts.runs++;
    if (failed) counts.errors++;
    const found = STEP_MS_BOUNDS.findIndex((bound) => ms <= bound);
    const index = found === -1 ? STEP_MS_BOUNDS.length : found;
    counts.stepMs[index] = (counts.stepMs[index] ?? 0) + 1;
  }

  /** A step that gave none, by the bot's own fault; `killed`: it had to be ended by force. */
  failure(botId: string, revision: string, killed: boolean): void {
    const counts = this.of(botId, revision);
    if (counts === undefined) return;
    counts.runs++;
    counts.errors++;
    if (killed) counts.kills++;
  }

  /** An update that was given up. */
  deadLetter(botId: string, revision: string): void {
    const counts = this.of(botId, revision);
    if (counts !== undefined) counts.deadLetters++;
  }

  /** Everything counted since the last time. */
  take(): RevisionStats['entries'] {
    if (this.size === 0) return [];
    const taken = [...this.byBot].flatMap(([botId, revisions]) => [...revisions].map(([revision, counts]) => ({ botId, revision, ...counts })));
    this.byBot = new Map();
    this.size = 0;
    return taken;
  }

  private of(botId: string, revision: string): RevisionCounts | undefined {
    let revisions = this.byBot.get(botId);
    if (revisions === undefined) this.byBot.set(botId, (revisions = new Map()));
    let counts = revisions.get(revision);
    if (counts === undefined) {
      if (this.size >= LIMITS.statsRevisionsMax) return undefined;
      this.size++;
      counts = { runs: 0, errors: 0, kills: 0, deadLetters: 0, stepMs: Array.from({ length: STEP_MS_BOUNDS.length + 1 }, () => 0) };
      revisions.set(revision, counts);
    }
    return counts;
  }
}
