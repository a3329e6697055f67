import { STEP_MS_BOUNDS, subjects } from '@botplane/contracts';
import type { RevisionCounts, RevisionStats } from '@botplane/contracts';
import type { Nats } from '@botplane/nats';
import { LRUCache } from 'lru-cache';
import { STATS_REVISIONS_MAX } from '../limits.ts';

/** Sums up what all executors tell of revisions. Sums begin with this process: only differences mean something. */
export class RevisionSums {
  private readonly sums = new LRUCache<string, RevisionCounts>({ max: STATS_REVISIONS_MAX });
  private readonly subscription: { unsubscribe(): void };

  /** `onStats`: what else wants to know. */
  constructor({ connection }: Pick<Nats, 'connection'>, onStats: (entries: RevisionStats['entries']) => void = () => undefined) {
    this.subscription = connection.subscribe(subjects.revisionStats, {
      callback: (error, message) => {
        const stats = error === null ? read(message.string()) : undefined;
        if (stats?.v !== 1) return;
        this.add(stats);
        onStats(stats.entries);
      },
    });
  }

  /** Everything counted of a revision so far. */
  of(botId: string, revision: string): RevisionCounts {
    return structuredClone(this.sums.get(`${botId}/${revision}`) ?? NOTHING);
  }

  close(): void {
    this.subscription.unsubscribe();
  }

  private add({ entries }: RevisionStats): void {
    for (const { botId, revision, ...counts } of entries) {
      const key = `${botId}/${revision}`;
      const sum = this.sums.get(key) ?? structuredClone(NOTHING);
      sum.runs += counts.runs;
      sum.errors += counts.errors;
      sum.kills += counts.kills;
      sum.deadLetters += counts.deadLetters;
      counts.stepMs.forEach((count, index) => (sum.stepMs[index] = (sum.stepMs[index] ?? 0) + count));
      this.sums.set(key, sum);
    }
  }
}

function read(text: string): RevisionStats | undefined {
  try {
    return JSON.parse(text) as RevisionStats;
  } catch {
    return undefined;
  }
}

const NOTHING: RevisionCounts = { runs: 0, errors: 0, kills: 0, deadLetters: 0, stepMs: Array.from({ length: STEP_MS_BOUNDS.length + 1 }, () => 0) };
