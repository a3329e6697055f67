import { PROGRESS_BOTS_MAX, PROGRESS_QUIET_MS } from '../../limits.ts';
import type { Outcome } from '../../outcome.ts';
import type { BotWork } from './observe.ts';

/** Keeps progress of Bots to itself for a moment, so that what is over soon costs one write of status instead of several. */
export class Progress {
  private readonly since = new Map<string, number>();
  /** Of these the ones that are still held back, the oldest first. */
  private readonly held = new Map<string, number>();

  /** How long the status of this Bot may still wait, in ms; 0: write it now. Only progress waits; success and failure never do. */
  holdsBackMs({ uid, bot }: BotWork, phases: readonly Outcome[], nowMs: number): number {
    const key = `${uid}/${bot.metadata.generation}`;
    const isProgress = phases.some(({ state }) => state === 'waiting') && phases.every(({ state, error }) => state !== 'failed' && error === undefined);
    if (!isProgress) {
      this.since.delete(key);
      this.held.delete(key);
      return 0;
    }
    const since = this.since.get(key) ?? nowMs;
    if (!this.since.has(key)) this.remember(key, since);
    return Math.max(0, since + PROGRESS_QUIET_MS - nowMs);
  }

  /** Bots that are under way and whose status still waits. */
  underway(nowMs: number): number {
    for (const [key, since] of this.held) {
      if (since + PROGRESS_QUIET_MS > nowMs) break;
      this.held.delete(key);
    }
    return this.held.size;
  }

  private remember(key: string, sinceMs: number): void {
    this.since.set(key, sinceMs);
    this.held.set(key, sinceMs);
    const oldest = this.since.keys().next().value;
    if (this.since.size <= PROGRESS_BOTS_MAX || oldest === undefined) return;
    this.since.delete(oldest);
    this.held.delete(oldest);
  }
}
