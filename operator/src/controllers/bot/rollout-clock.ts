import { ROLLOUT_CLOCKS_MAX } from '../../limits.ts';
import type { Standstill } from './decide.ts';

/** One look at the rollout of a Bot. */
export interface RolloutLook {
  /** Revision and retry: another one has a deadline of its own. */
  rollout: string;
  /** Suspended, pinned or paused by spec: time does not count. */
  isPaused: boolean;
  /** Why the revision cannot serve; undefined: it can. */
  obstacle: string | undefined;
}

interface Clock {
  rollout: string;
  isPaused: boolean;
  /** Or first seen. */
  resumedMs: number;
  stoodSinceMs: number | undefined;
}

/**
 * Since when rollouts stand still, and when they were resumed. In memory: after a restart of the operator the time begins anew, so that its own absence
 * is never held against a revision.
 */
export class RolloutClocks {
  private readonly clocks = new Map<string, Clock>();

  look(key: string, { rollout, isPaused, obstacle }: RolloutLook, nowMs: number): { standstill: Standstill | undefined; resumedMs: number } {
    const known = this.clocks.get(key);
    const before = known?.rollout === rollout ? known : undefined;
    const resumedMs = before === undefined || (before.isPaused && !isPaused) ? nowMs : before.resumedMs;
    const stoodSinceMs = isPaused || obstacle === undefined ? undefined : (before?.stoodSinceMs ?? nowMs);
    this.remember(key, { rollout, isPaused, resumedMs, stoodSinceMs });
    return { resumedMs, standstill: stoodSinceMs === undefined || obstacle === undefined ? undefined : { sinceMs: stoodSinceMs, message: obstacle } };
  }

  forget(key: string): void {
    this.clocks.delete(key);
  }

  private remember(key: string, clock: Clock): void {
    this.clocks.delete(key);
    this.clocks.set(key, clock);
    const oldest = this.clocks.keys().next().value;
    if (this.clocks.size > ROLLOUT_CLOCKS_MAX && oldest !== undefined) this.clocks.delete(oldest);
  }
}
