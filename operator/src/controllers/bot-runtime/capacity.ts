import type { BotRuntime } from '@botplane/k8s';
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

/** Tells Prometheus how full each pool is; read from the caches when it asks. Live sandboxes are counted by the pods themselves (`botplane_runtime_isolates_live`). */
export function exposeCapacity(metrics: Metrics, watches: Watches): void {
  capacityMetrics(metrics, (each, value) => {
    for (const runtime of watches.runtimes.store.list()) {
      const { namespace = '', name: botruntime } = runtime.metadata;
      const key = runtimeKey(namespace, botruntime);
      const ready = watches.pods.store.byIndex('runtime', key).filter(isPodReady).length;
      each.set({ namespace, botruntime }, value(capacityOf(runtime, watches.bots.store.byIndex('runtime', key).length, ready)));
    }
  });
}
