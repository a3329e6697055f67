import { subjects } from '@botplane/contracts';
import type { RevisionStats } from '@botplane/contracts';
import type { Nats } from '@botplane/nats';
import type { RevisionLetters } from '../../app/ports.ts';

/** Tells of dead letters on the subject on which executors tell what revisions did. One message each: the letter itself costs more. */
export class NatsRevisionLetters implements RevisionLetters {
  constructor(private readonly nats: Nats) {}

  add(botId: string, revision: string): void {
    if (this.nats.connection.isClosed()) return;
    const stats: RevisionStats = { v: 1, entries: [{ botId, revision, runs: 0, errors: 0, kills: 0, deadLetters: 1, stepMs: [] }] };
    this.nats.connection.publish(subjects.revisionStats, JSON.stringify(stats));
  }
}
