import type { Injected } from '../load/feeder.ts';
import { STALL_MS_MAX } from '../limits.ts';
import type { Plan, Run } from '../run.ts';
import type { TestBot } from '../world/test-bots.ts';
import type { World } from '../world/world.ts';

/** One kind of disturbance. Made anew for each run, so it may keep state. */
export interface Scenario {
  /** Brings the world to the processes that it wants. */
  prepare: (world: World, plan: Plan) => Promise<void>;
  /** Disturbs while people write, and ends by itself. People write as far as it lets them (`run.feeder.allow`). */
  disturb: (run: Run) => Promise<void>;
  /** The bots, when they are not those of `makeTestBots`. */
  makeBots?: (world: World) => Promise<TestBot[]>;
  /** People only write: what a compiler makes answers no other kind of update. */
  isTextOnly?: boolean;
  /** Ends what `prepare` started beside the world. */
  close?: () => Promise<void>;
  /** Bots loop for ever on poisoned texts. */
  isPoisoned?: boolean;
  /** Bots do more than answer: see `deeds.ts`. */
  isBusy?: boolean;
  onInjected?: (injected: Injected) => void;
  /** Looks at the end for what else must hold; adds to `run.problems`. */
  judge?: (run: Run) => void | Promise<void>;
}

/**
 * Splits the load into rounds and disturbs in the middle of each: people go on writing during the disturbance, and the next round
 * begins when it is over, so that a fast machine cannot run out of updates before the last one.
 */
export async function inRounds(run: Run, rounds: number, disturb: (round: number) => Promise<void>): Promise<void> {
  const perRound = run.plan.updates / rounds;
  for (let round = 0; round < rounds; round++) {
    run.feeder.allow(Math.round(perRound * (round + 1)));
    await run.untilInjected(Math.round(perRound * (round + 0.5)), STALL_MS_MAX);
    await disturb(round);
  }
  run.feeder.allow(run.plan.updates);
}
