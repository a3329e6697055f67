import { subjects } from '@botplane/contracts';
import type { RevisionStats } from '@botplane/contracts';
import type { Nats } from '@botplane/nats';
import type { RevisionCounter } from '../../domain/revision-counter.ts';
import { LIMITS } from '../../limits.ts';

/** Tells once a second what revisions did, to whoever listens. */
export class NatsRevisionStats {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly nats: Nats,
    private readonly counter: RevisionCounter,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => this.tell(), LIMITS.statsEveryMs).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.tell();
  }

  private tell(): void {
    if (this.nats.connection.isClosed()) return;
    const entries = this.counter.take();
    for (let from = 0; from < entries.length; from += LIMITS.statsEntriesMax) {
      const stats: RevisionStats = { v: 1, entries: entries.slice(from, from + LIMITS.statsEntriesMax) };
      this.nats.connection.publish(subjects.revisionStats, JSON.stringify(stats));
    }
  }
}
