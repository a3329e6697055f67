import type { DlqEntry } from '@botplane/contracts';
import type { Verdict } from './check/checker.ts';
import { readDeadLetters, untilSettled } from './check/settled.ts';
import { SETTLE_MS_MAX, STALL_MS_MAX } from './limits.ts';
import { Run } from './run.ts';
import type { RunOptions } from './run.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { makeTestBots } from './world/test-bots.ts';

export interface Outcome extends Verdict {
  name: string;
  /** Failures that are no counts of updates. */
  problems: string[];
  isOk: boolean;
}

const PROGRESS_MS = 5_000;

/** Runs one scenario over a world, with bots of its own, and judges it. */
export async function runScenario(name: string, scenario: Scenario, options: RunOptions): Promise<Outcome> {
  try {
    return await prepareAndRun(name, scenario, options);
  } finally {
    await scenario.close?.();
  }
}

async function prepareAndRun(name: string, scenario: Scenario, options: RunOptions): Promise<Outcome> {
  const { world, plan, print } = options;
  await scenario.prepare(world, plan);
  const { isPoisoned = false, isBusy = false, isTextOnly = false } = scenario;
  const bots = await (scenario.makeBots?.(world) ?? makeTestBots(world, { isPoisoned, isBusy }));
  const run = new Run(options, bots, { isPoisoned, isBusy, isTextOnly, onInjected: (injected) => scenario.onInjected?.(injected) });
  const progress = setInterval(() => print(`${run.checker.injected}/${plan.updates} updates in, ${run.checker.outstanding} unanswered`), PROGRESS_MS);
  try {
    await play(run, scenario);
    for (const bot of bots) await world.telegram.reset(bot.token);
  } catch (error) {
    run.problems.push((error as Error).message);
  } finally {
    clearInterval(progress);
    run.feeder.stop();
    await run.recorder.stop();
  }
  return conclude(name, run);
}

async function play(run: Run, scenario: Scenario): Promise<void> {
  run.recorder.start(run.bots, (error) => run.fail(error));
  const feeding = run.feeder.run().catch((error: Error) => run.fail(error));
  const startMs = Date.now();
  await scenario.disturb(run);
  await run.untilInjected(run.plan.updates, STALL_MS_MAX);
  await feeding;
  run.print(`${run.checker.injected} updates in ${run.checker.chatCount} chats within ${Math.round((Date.now() - startMs) / 1_000)} s`);
  await settle(run);
  await run.recorder.stop();
  await judgeDeadLetters(run);
  await scenario.judge?.(run);
}

/** The one line that scripts rely on. */
export function resultLine({ name, injected, lost, duplicated, reordered, isOk }: Outcome): string {
  return `chaos ${name}: injected=${injected} lost=${lost} duplicated=${duplicated} reordered=${reordered} ${isOk ? 'ok' : 'failed'}`;
}

async function settle(run: Run): Promise<void> {
  const tokens = new Set(run.bots.map((bot) => bot.token));
  const startMs = Date.now();
  const isSettled = await untilSettled(run.world.nats, async () => (await run.world.telegram.pending(tokens)) === 0);
  if (!isSettled) run.problems.push(`the streams were not settled ${SETTLE_MS_MAX / 1_000} s after the last update`);
  else run.print(`both streams settled after ${((Date.now() - startMs) / 1_000).toFixed(1)} s`);
}

/** Exactly the poisoned updates and the calls that Telegram refuses, each once; what else is there is lost. */
async function judgeDeadLetters(run: Run): Promise<void> {
  const letters = await readDeadLetters(run.world.nats, new Set(run.bots.map((bot) => bot.botId)));
  const due = new Set([...run.poisoned, ...run.refused]);
  const seen = new Set<string>();
  for (const letter of letters) {
    const id = letterId(letter);
    if (!due.has(id)) run.checker.deadLetter(letter);
    else if (seen.has(id)) run.problems.push(`${id} is in the DLQ twice`);
    seen.add(id);
  }
  for (const id of due) if (!seen.has(id)) run.problems.push(`${id} is not in the DLQ`);
  if (due.size > 0) run.print(`${due.size} dead letters were due`);
}

/** A call is known by its chat and text, an update by its id. */
function letterId({ botId, subjectId, payload }: DlqEntry): string {
  const { params } = payload as { params?: { chat_id?: unknown; text?: unknown } };
  return params === undefined ? `${botId}/${subjectId}` : `${botId}/${String(params.chat_id)}/${String(params.text)}`;
}

function conclude(name: string, run: Run): Outcome {
  const verdict = run.checker.finish(run.crashes);
  const { lost, duplicated, reordered, unexpected, ambiguous } = verdict;
  if (run.crashes.length > 0) run.print(`ambiguous=${ambiguous}: messages that arrived twice; at most ${run.crashes.reduce((sum, { inFlightMax }) => sum + inFlightMax, 0)} calls were in flight at ${run.crashes.length} crashes of their senders`);
  return { name, ...verdict, problems: run.problems, isOk: lost + duplicated + reordered + unexpected + run.problems.length === 0 };
}

