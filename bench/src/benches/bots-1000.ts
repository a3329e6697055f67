import { DEPLOYMENTS, Reflector } from '@botplane/k8s';
import type { Deployment, K8sClient } from '@botplane/k8s';
import type { BenchRun } from '../framework/bench-run.ts';
import { foreignShare, readProcessorTimes } from '../framework/processor-time.ts';
import { BOT_NAMESPACE, OperatorWorld, inParallel } from '../world/operator-world.ts';

const BOTS = 1_000;
const BOTS_QUICK = 200;
const READY_S_MAX = 60;
const MEMORY_MIB_MAX = 256;

export const botNames = (count: number): string[] => Array.from({ length: count }, (_, n) => `bot-${n}`);

/** So many Bots applied at once until all of them are Ready; beside it, as many Deployments of no pods until kube-controller-manager has settled them. */
export async function bots1000(bench: BenchRun): Promise<boolean> {
  const names = botNames(bench.isQuick ? BOTS_QUICK : BOTS);
  const world = await OperatorWorld.start();
  try {
    const operator = await world.makeOperator('operator-a');
    await operator.start();
    await world.addTokens(names);
    const before = readProcessorTimes([]);
    const readyMs = await timed(async () => {
      await world.addBots(names);
      await world.until('all bots Ready', () => names.every((name) => world.isReady(name)), 240_000);
    });
    const peakMiB = operator.peakMiB();
    const foreign = foreignShare(before, readProcessorTimes([]));
    await operator.stop();
    const settledMs = await settleDeployments(world.client, names);
    console.log(`sample: ${names.length} bots, each with a revision of its own; one runtime pod, everything on this machine`);
    return bench.report(
      { kind: 'absolute', figure: 'all_ready', values: [readyMs / 1_000], unit: 's', limit: { max: READY_S_MAX }, foreignShare: foreign, reference: { what: `${names.length} Deployments of 0 replicas settled`, value: settledMs / 1_000 } },
      { kind: 'absolute', figure: 'operator_rss', values: [peakMiB], unit: 'MiB', limit: { max: MEMORY_MIB_MAX } },
    );
  } finally {
    await world.stop();
  }
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await task();
  return performance.now() - startMs;
}

async function settleDeployments(client: K8sClient, names: readonly string[]): Promise<number> {
  const deployments = new Reflector<Deployment>(client, DEPLOYMENTS, { namespace: BOT_NAMESPACE });
  deployments.start();
  await deployments.waitForSync();
  const labels = { app: 'reference' };
  const isSettled = ({ metadata, status }: Deployment): boolean => status?.observedGeneration === metadata.generation && (status?.conditions ?? []).length > 0;
  const ms = await timed(async () => {
    await inParallel(names, (name) => client.create(DEPLOYMENTS, {
      metadata: { name, namespace: BOT_NAMESPACE },
      spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'none', image: 'none' }] } } },
    }));
    while (deployments.store.list().filter(isSettled).length < names.length) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await deployments.stop();
  return ms;
}
