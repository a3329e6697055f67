import type { BenchRun } from '../framework/bench-run.ts';
import { OperatorWorld } from '../world/operator-world.ts';
import type { OperatorProcess } from '../world/operator-world.ts';
import { botNames } from './bots-1000.ts';

const BOTS = 1_000;
const BOTS_QUICK = 150;
const RECONCILES_PER_SECOND_MIN = 200;
const WRITING_METHODS = ['setWebhook', 'deleteWebhook', 'setMyCommands', 'deleteMyCommands'];
/** KV buckets of the operator. */
const BUCKETS = ['routes', 'runtimes', 'credentials', 'tokens'];

/** An operator starts over a number of bots that are as they should be: it looks at everything and writes nothing. */
export async function noop(bench: BenchRun): Promise<boolean> {
  const names = botNames(bench.isQuick ? BOTS_QUICK : BOTS);
  const world = await OperatorWorld.start();
  try {
    const first = await world.makeOperator('operator-a');
    await first.start();
    await world.addTokens(names);
    await world.addBots(names);
    await world.until('all bots Ready', () => names.every((name) => world.isReady(name)), 240_000);
    await world.until('quiet', () => isQuiet(first));
    await first.stop();

    const rates: number[] = [];
    const writes: number[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const operator = await world.makeOperator(`operator-${round}`);
      const before = await written(world, names);
      await operator.start();
      await world.until('leading', () => operator.isLeading());
      rates.push(await resync(world, operator, 2 * names.length));
      writes.push((await written(world, names)) - before);
      await operator.stop();
    }
    console.log(`sample: ${names.length} bots and their revisions, ${bench.rounds} starts, caches of the process empty each time`);
    return bench.report(
      { kind: 'absolute', figure: 'reconciles', values: rates, unit: '/s', limit: { min: RECONCILES_PER_SECOND_MIN } },
      { kind: 'absolute', figure: 'writes', values: [Math.max(...writes)], unit: '', limit: { max: 0 } },
    );
  } finally {
    await world.stop();
  }
}

const isQuiet = async (operator: OperatorProcess): Promise<boolean> => (await operator.metric('workqueue_depth{')) === 0 && (await operator.metric('controller_runtime_active_workers{')) === 0;

/** Reconciles per second, from the lease until every object was looked at. */
async function resync(world: OperatorWorld, operator: OperatorProcess, objects: number): Promise<number> {
  const count = (): Promise<number> => operator.metric('controller_runtime_reconcile_total{');
  const [from, startMs] = [await count(), performance.now()];
  await world.until('resynced', async () => (await count()) >= objects && (await isQuiet(operator)), 120_000);
  return ((await count()) - from) / ((performance.now() - startMs) / 1_000);
}

/** Everything that an operator can write: to Kubernetes (leases aside), KV and Telegram. */
async function written(world: OperatorWorld, names: readonly string[]): Promise<number> {
  const requests = world.cluster.audited().filter(({ userAgent, resource }) => userAgent.startsWith('botplane-operator/') && resource !== 'leases').length;
  let total = requests;
  for (const bucket of BUCKETS) total += (await world.nats.jsm.streams.info(`KV_${bucket}`)).state.last_seq;
  return total + (await world.calls(names, WRITING_METHODS));
}
