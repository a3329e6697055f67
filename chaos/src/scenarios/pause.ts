import { PAUSE_MS } from '../limits.ts';
import { GAUGES, pairs } from './kills.ts';
import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { noteStopped } from './senders.ts';

/**
 * SIGSTOP of one executor and one delivery for twice the liveness limit: others take over, and then the old owners wake up and
 * believe for a moment that nothing happened.
 */
export const pauseOwners = (): Scenario => {
  let pauses = 0;
  return {
    prepare: pairs,
    disturb: (run) => inRounds(run, run.plan.pauses, async () => {
      const { executor, delivery } = run.world;
      const sender = await run.pickBusy(delivery, GAUGES.delivery);
      const worker = await run.pickBusy(executor, GAUGES.executor);
      if (sender === undefined || worker === undefined) return;
      const stopped = [worker.process, sender.process];
      run.print(`pause ${++pauses}: ${stopped.map(({ name }) => name).join(' and ')} stand still with ${worker.work} and ${sender.work} unsettled; ${run.checker.outstanding} updates under way`);
      // What delivery had with Telegram when it stopped is sent again by the next owner, which cannot know of it.
      const pausing = stopped.map((process) => process.pause(PAUSE_MS));
      await noteStopped(run, [sender.process]);
      await Promise.all(pausing);
    }),
    judge: (run) => {
      if (pauses < run.plan.pauses) run.problems.push(`${pauses} pauses met unsettled work where ${run.plan.pauses} were due`);
    },
  };
};
