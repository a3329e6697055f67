import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '@botplane/e2e';
import type { BenchRun } from '../framework/bench-run.ts';
import { Conversations, countingSpec } from '../load/conversations.ts';
import { BOT_NAMESPACE, OperatorWorld } from '../world/operator-world.ts';

const run = promisify(execFile);

const BACK_S_MAX = 5;
const UPDATES_PER_SECOND = 200;
/** Of each kind. */
const ROLLBACKS = 5;
const ROLLBACKS_QUICK = 1;
/** How long the revision that is taken back has its traffic, and how long it is looked whether it is back for good. */
const BEFORE_MS = 1_500;
const AFTER_MS = 6_000;
const NAME = 'rollback';

/**
 * While people talk, half of them for the first time, a revision is taken back by `kubectl botplane`: a canary at half of the traffic by `abort`, one that
 * serves everybody by `undo`. From the start of the command to the last newcomer whom it answered.
 */
export async function rollback(bench: BenchRun): Promise<boolean> {
  const world = await OperatorWorld.start();
  try {
    const operator = await world.makeOperator('operator', await world.startPipeline());
    await operator.start();
    await world.addTokens([NAME]);
    await world.addBot(NAME, { botSpec: countingSpec('good'), rollout: { strategy: 'Canary', steps: [{ setWeight: 50 }, { pause: {} }] } });
    await world.until('the bot is Ready', () => world.isReady(NAME));
    const people = new Conversations(world.simulatorUrl, world.tokenOf(NAME), UPDATES_PER_SECOND);
    const aborts: number[] = [];
    const undos: number[] = [];
    for (let n = 0; n < (bench.isQuick ? ROLLBACKS_QUICK : ROLLBACKS); n++) {
      await rollOut(world, people, `aborted${n}`);
      aborts.push(await takeBack(world, people, 'abort', `aborted${n}`));
      await rollOut(world, people, `undone${n}`);
      await plugin(world, 'promote');
      await world.until('the candidate serves', () => world.isReady(NAME, world.bot(NAME)?.metadata.generation) && world.bot(NAME)?.status?.canaryRevision === undefined);
      await sleep(BEFORE_MS);
      undos.push(await takeBack(world, people, 'undo', `undone${n}`));
      // The way of Git: the old template again, and then nothing is pinned.
      await settle(world, { botSpec: countingSpec('good'), rollout: { promote: null, abort: null } });
      await plugin(world, 'unpin');
      await world.until('the old template is Ready', () => world.isReady(NAME, world.bot(NAME)?.metadata.generation) && world.bot(NAME)?.spec.revisionName === undefined);
    }
    const { sent, seconds, lost, doubled } = await people.finish();
    console.log(`sample: ${aborts.length} aborts (${list(aborts)} s), ${undos.length} undos (${list(undos)} s) under ${(sent / seconds).toFixed(0)} updates/s, ${sent} in all`);
    return bench.report(
      { kind: 'absolute', figure: 'back_worst', values: [Math.max(...aborts, ...undos)], unit: 's', limit: { max: BACK_S_MAX } },
      { kind: 'absolute', figure: 'lost', values: [lost], unit: '', limit: { max: 0 } },
      { kind: 'absolute', figure: 'doubled', values: [doubled], unit: '', limit: { max: 0 } },
      { kind: 'absolute', figure: 'updates_per_second', values: [sent / seconds], unit: '/s', limit: { min: UPDATES_PER_SECOND * 0.98 } },
    );
  } finally {
    await world.stop();
  }
}

const list = (seconds: readonly number[]): string => seconds.map((s) => s.toFixed(1)).join(' ');

/** Another template, as a person applies it, until newcomers meet it. */
async function rollOut(world: OperatorWorld, people: Conversations, mark: string): Promise<void> {
  const startMs = Date.now();
  await world.patchBot(NAME, { botSpec: countingSpec(mark), revisionName: null, rollout: { promote: null, abort: null } });
  await world.until('the canary has its weight', () => world.bot(NAME)?.status?.canaryWeight === 50);
  await world.until('newcomers meet it', () => people.newcomersOf(mark, startMs) > 0);
  await sleep(BEFORE_MS);
}

async function settle(world: OperatorWorld, spec: object): Promise<void> {
  const generation = await world.patchBot(NAME, spec);
  await world.until('the change is seen', () => (world.bot(NAME)?.status?.observedGeneration ?? 0) >= generation);
}

/** Seconds from the start of the command until no newcomer meets that revision any more. */
async function takeBack(world: OperatorWorld, people: Conversations, command: string, mark: string): Promise<number> {
  const startMs = Date.now();
  await plugin(world, command);
  await sleep(AFTER_MS);
  if (people.newcomersOf('good', startMs) === 0) throw new Error(`nobody met the old revision after ${command}`);
  return people.lingeredMs(mark, startMs) / 1_000;
}

const plugin = (world: OperatorWorld, command: string): Promise<unknown> =>
  run(process.execPath, [join(ROOT, 'tools/kubectl-botplane/bin/kubectl-botplane.mjs'), command, NAME, '-n', BOT_NAMESPACE], { env: { ...process.env, KUBECONFIG: world.cluster.kubeconfig } });
