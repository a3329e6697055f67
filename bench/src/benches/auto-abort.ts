import { setTimeout as sleep } from 'node:timers/promises';
import type { BotStatus } from '@botplane/k8s';
import type { BenchRun } from '../framework/bench-run.ts';
import { Conversations, countingSpec } from '../load/conversations.ts';
import { OperatorWorld } from '../world/operator-world.ts';

const INTERVAL_S = 10;
/** After one interval of the analysis. */
const GRACE_S_MAX = 5;
const UPDATES_PER_SECOND = 200;
const WEIGHT = 20;
const ROUNDS = 5;
const ROUNDS_QUICK = 1;
const NAME = 'auto-abort';

/** The step after the answer fails for people with an odd id: half a number is no integer. */
const FAILS_FOR_HALF = [{ save: { half: '= context.user.id * 0.5' } }];

/**
 * A canary that throws on half of its updates, while people talk: from the decision to give it traffic until it has answered its last newcomer, by
 * what executors count and nothing else.
 */
export async function autoAbort(bench: BenchRun): Promise<boolean> {
  const world = await OperatorWorld.start();
  try {
    const operator = await world.makeOperator('operator', await world.startPipeline());
    await operator.start();
    await world.addTokens([NAME]);
    const analysis = [{ name: 'errors', metric: 'ErrorPercent' as const, max: 10, interval: `${INTERVAL_S}s` }];
    await world.addBot(NAME, { botSpec: countingSpec('good'), rollout: { strategy: 'Canary', steps: [{ setWeight: WEIGHT }, { pause: {} }], analysis } });
    await world.until('the bot is Ready', () => world.isReady(NAME));
    const people = new Conversations(world.simulatorUrl, world.tokenOf(NAME), UPDATES_PER_SECOND);
    const times: number[] = [];
    const rounds = bench.isQuick ? ROUNDS_QUICK : ROUNDS;
    for (let n = 0; n < rounds; n++) times.push(await throwAndFall(world, people, `bad${n}`));
    const { sent, seconds, lost, doubled } = await people.finish();
    console.log(`sample: ${rounds} revisions at ${WEIGHT} % (${times.map((s) => s.toFixed(1)).join(' ')} s), analysed every ${INTERVAL_S} s, under ${(sent / seconds).toFixed(0)} updates/s`);
    return bench.report(
      { kind: 'absolute', figure: 'aborted_worst', values: [Math.max(...times)], unit: 's', limit: { max: INTERVAL_S + GRACE_S_MAX } },
      { kind: 'absolute', figure: 'lost', values: [lost], unit: '', limit: { max: 0 } },
      { kind: 'absolute', figure: 'doubled', values: [doubled], unit: '', limit: { max: 0 } },
    );
  } finally {
    await world.stop();
  }
}

/** Seconds from the decision to give a failing revision traffic until it answered its last newcomer. */
async function throwAndFall(world: OperatorWorld, people: Conversations, mark: string): Promise<number> {
  const status = (): BotStatus => world.bot(NAME)?.status ?? {};
  const generation = await world.patchBot(NAME, { botSpec: countingSpec(mark, FAILS_FOR_HALF) });
  await world.until('it has its weight', () => (status().observedGeneration ?? 0) >= generation && status().canaryWeight === WEIGHT);
  const startMs = Date.now();
  const isGivenUp = (): boolean => (status().observedGeneration ?? 0) >= generation && status().failedRevisions?.at(0)?.revision === status().latestCreatedRevision;
  await world.until('it is aborted', isGivenUp);
  const { reason, message } = status().failedRevisions?.at(0) ?? {};
  if (reason !== 'AnalysisFailed') throw new Error(`given up for another reason: ${reason}: ${message}`);
  await sleep(GRACE_S_MAX * 1_000);
  const seconds = people.lingeredMs(mark, startMs) / 1_000;
  if (seconds === 0) throw new Error('no newcomer met the failing revision');
  return seconds;
}
