import type { BotRuntime } from '@botplane/k8s';
import type { Metrics } from '@botplane/kit';
import { runtimeKey } from '../../names.ts';
import type { Watches } from '../../watches.ts';
import { isPodReady } from './directory.ts';

/** How much of a pool is taken. Headroom in bots is what is left when each Bot has one sandbox in the pool; negative: sandboxes take turns. */
export interface Capacity {
  bots: number;
  readyPods: number;
  sandboxesMax: number;
  headroom: number;
}

/** Where a BotRuntime names no limit, as the CRD's default says. */
const LIVE_MAX_DEFAULT = 300;

/** Pure. */
export function capacityOf({ spec }: BotRuntime, bots: number, readyPods: number): Capacity {
  const sandboxesMax = readyPods * (spec.sandbox?.liveMax ?? LIVE_MAX_DEFAULT);
  return { bots, readyPods, sandboxesMax, headroom: sandboxesMax - bots };
}

/** Tells Prometheus how full each pool is; read from the caches when it asks. Live sandboxes are counted by the pods themselves (`botplane_runtime_isolates_live`). */
export function exposeCapacity(metrics: Metrics, watches: Watches): void {
  const gauge = (name: string, help: string, value: (capacity: Capacity) => number): void => {
    metrics.gauge(name, help, ['namespace', 'botruntime'], (each) => {
      each.reset();
      for (const runtime of watches.runtimes.store.list()) {
        const { namespace = '', name: botruntime } = runtime.metadata;
        const key = runtimeKey(namespace, botruntime);
        const ready = watches.pods.store.byIndex('runtime', key).filter(isPodReady).length;
        each.set({ namespace, botruntime }, value(capacityOf(runtime, watches.bots.store.byIndex('runtime', key).length, ready)));
      }
    });
  };
  gauge('botplane_botruntime_bots', 'Bots that name the pool', ({ bots }) => bots);
  gauge('botplane_botruntime_ready_pods', 'Pods of the pool that are ready', ({ readyPods }) => readyPods);
  gauge('botplane_botruntime_sandboxes_max', 'Sandboxes that the ready pods keep alive at once, at most', ({ sandboxesMax }) => sandboxesMax);
  gauge('botplane_botruntime_headroom_bots', 'Bots that the pool has room for beyond those that name it', ({ headroom }) => headroom);
}
