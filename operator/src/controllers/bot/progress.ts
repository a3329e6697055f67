import { PROGRESS_BOTS_MAX, PROGRESS_QUIET_MS } from '../../limits.ts';
import type { Outcome } from '../../outcome.ts';
import type { BotWork } from './observe.ts';

/** Keeps progress of Bots to itself for a moment, so that what is over soon costs one write of status instead of several. */
export class Progress {
  private readonly since = new Map<string, number>();

  /** How long the status of this Bot may still wait, in ms; 0: write it now. Only progress waits; success and failure never do. */
  holdsBackMs({ uid, bot }: BotWork, phases: readonly Outcome[], nowMs: number): number {
    const key = `${uid}/${bot.metadata.generation}`;
    const isProgress = phases.some(({ state }) => state === 'waiting') && phases.every(({ state, error }) => state !== 'failed' && error === undefined);
    if (!isProgress) {
      this.since.delete(key);
      return 0;
    }
    const since = this.since.get(key) ?? nowMs;
    if (!this.since.has(key)) this.remember(key, since);
    return Math.max(0, since + PROGRESS_QUIET_MS - nowMs);
  }

  private remember(key: string, sinceMs: number): void {
    this.since.set(key, sinceMs);
    const oldest = this.since.keys().next().value;
    if (this.since.size > PROGRESS_BOTS_MAX && oldest !== undefined) this.since.delete(oldest);
  }
}
