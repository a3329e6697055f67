import type { Bot, BotRevision, BotRuntime } from '@botplane/k8s';
import type { Metrics } from '@botplane/kit/plain';
import { capacityMetrics } from '../../metrics.ts';
import type { Capacity } from '../../metrics.ts';
import { runtimeKey } from '../../names.ts';
import type { Watches } from '../../watches.ts';
import { isPodReady } from './directory.ts';

/** Where a BotRuntime names no limit, as the CRD's default says. */
const LIVE_MAX_DEFAULT = 300;

/** Pure. */
export function capacityOf({ spec }: BotRuntime, bots: number, readyPods: number): Capacity {
  const sandboxesMax = readyPods * (spec.sandbox?.liveMax ?? LIVE_MAX_DEFAULT);
  return { bots, readyPods, sandboxesMax, headroom: sandboxesMax - bots };
}

/** True for a Bot that takes a sandbox of the pool that it names: it is not suspended, and what serves of it has no pods of its own. Pure. */
export function takesSandbox({ spec, status }: Bot, revisionOf: (name: string) => BotRevision | undefined): boolean {
  const names = [status?.stableRevision, status?.canaryRevision, ...(status?.superseded ?? []).map(({ revision }) => revision)];
  const serving = names.flatMap((name) => (name === undefined ? [] : (revisionOf(name)?.spec ?? [])));
  const isolations = serving.length > 0 ? serving.map(({ isolation }) => isolation) : [spec.template?.spec.isolation];
  return spec.suspend !== true && isolations.some((isolation) => isolation !== 'Dedicated');
}

/** Tells Prometheus how full each pool is; read from the caches when it asks. Live sandboxes are counted by the pods themselves (`botplane_runtime_isolates_live`). */
export function exposeCapacity(metrics: Metrics, watches: Watches): void {
  capacityMetrics(metrics, (each, value) => {
    for (const runtime of watches.runtimes.store.list()) {
      const { namespace = '', name: botruntime } = runtime.metadata;
      const key = runtimeKey(namespace, botruntime);
      const ready = watches.pods.store.byIndex('runtime', key).filter(isPodReady).length;
      const bots = watches.bots.store.byIndex('runtime', key).filter((bot) => takesSandbox(bot, (name) => watches.revisions.store.get({ namespace: bot.metadata.namespace ?? '', name })));
      each.set({ namespace, botruntime }, value(capacityOf(runtime, bots.length, ready)));
    }
  });
}
