import { PAUSE_MS } from '../limits.ts';
import { pairs } from './kills.ts';
import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/**
 * SIGSTOP of one executor and one delivery for twice the liveness limit: others take over, and then the old owners wake up and
 * believe for a moment that nothing happened.
 */
export const pauseOwners = (): Scenario => ({
  prepare: pairs,
  disturb: (run) => inRounds(run, run.plan.pauses, async (round) => {
    const stopped = [run.world.executor, run.world.delivery].map((processes) => run.random.pick(processes));
    run.print(`pause ${round + 1}: ${stopped.map(({ name }) => name).join(' and ')} stand still; ${run.checker.outstanding} updates under way`);
    // What delivery had with Telegram when it stopped is sent again by the next owner, which cannot know of it.
    run.crashes.push({ atMs: Date.now() });
    await Promise.all(stopped.map((process) => process.pause(PAUSE_MS)));
  }),
});
