import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { pairs } from './kills.ts';

const RETRY_AFTER_S = 2;
const REFUSALS_PER_ROUND = 20;

/** Telegram refuses calls with 429: the chat rests for the whole retry_after, and nothing is lost, repeated or overtaken. */
export const telegram429 = (): Scenario => ({
  prepare: pairs,
  disturb: (run) => inRounds(run, run.plan.kills, async (round) => {
    const refused = Array.from({ length: 4 }, () => run.random.pick(run.bots));
    for (const { token } of refused) await run.world.telegram.addFault({ token, kind: '429', retry_after: RETRY_AFTER_S, count: Math.ceil(REFUSALS_PER_ROUND / refused.length) });
    run.print(`round ${round + 1}: ${REFUSALS_PER_ROUND} calls of ${refused.length} bots are refused for ${RETRY_AFTER_S} s`);
  }),
  judge: ({ recorder, plan, problems, print }) => {
    const planned = plan.kills * REFUSALS_PER_ROUND;
    print(`${recorder.refused} of ${planned} calls were refused`);
    // A bot that has no call left meets its faults no more.
    if (recorder.refused < planned / 2) problems.push('less than half of the refusals came about');
    if (recorder.tooEarly > 0) problems.push(`${recorder.tooEarly} calls came before the retry_after of their chat was over`);
  },
});

/** A guest that never ends its step costs its own chat some seconds, and ends in the DLQ: it, and nothing else. */
export const poison = (): Scenario => ({
  isPoisoned: true,
  prepare: pairs,
  disturb: async (run) => run.feeder.allow(run.plan.updates),
  judge: ({ poisoned, plan, problems, print }) => {
    print(`${poisoned.size} poisoned updates`);
    if (poisoned.size !== plan.poisons) problems.push(`${poisoned.size} updates were poisoned where ${plan.poisons} were due`);
  },
});
