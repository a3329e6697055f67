import { envInt, loadConfig } from '@botplane/kit';
import { z } from 'zod';
import { FULL, QUICK } from './limits.ts';
import type { Plan } from './run.ts';

const UPDATES_PER_CHAT_MIN = 5;

const schema = z.object({
  /** Repeats the choices of a run (chats, victims, moments by progress), not its timing. Default: random. */
  SEED: envInt(0, 2 ** 31).default(() => Math.floor(Math.random() * 1_000_000)),
  /** Updates of a run. Default: the full 100,000, or the short form's 800. */
  UPDATES: envInt(200, 10_000_000).optional(),
  /** Not empty: the short form. */
  CHAOS_QUICK: z.string().optional(),
});

export interface ChaosConfig {
  seed: number;
  plan: Plan;
}

/** Reads the environment; prints all problems and exits with 1. */
export function readConfig(): ChaosConfig {
  const { SEED, UPDATES, CHAOS_QUICK } = loadConfig(schema, process.env);
  const size = CHAOS_QUICK === undefined ? FULL : QUICK;
  return { seed: SEED, plan: planOf(size, UPDATES ?? size.updates) };
}

/** A plan with fewer or more updates: kills shrink with them, chats so far that each still gets some. */
export function planOf(size: Plan, updates: number): Plan {
  const share = Math.min(1, updates / size.updates);
  const scaled = (count: number): number => Math.max(1, Math.round(count * share));
  return {
    updates,
    chats: Math.min(size.chats, Math.floor(updates / UPDATES_PER_CHAT_MIN)),
    kills: scaled(size.kills), pauses: scaled(size.pauses), hitsPerPoint: scaled(size.hitsPerPoint), poisons: scaled(size.poisons), outstanding: size.outstanding, rebuildMsMax: size.rebuildMsMax,
  };
}
