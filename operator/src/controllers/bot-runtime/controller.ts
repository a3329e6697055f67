import { parseBotId } from '@botplane/domain';
import { Controller, WorkQueue, controllerOf, keyOf } from '@botplane/k8s';
import type { KubeObject, MetricsPort } from '@botplane/k8s';
import { RETRY_DELAY_MS, RETRY_DELAY_MS_MAX, RUNTIME_CONCURRENCY } from '../../limits.ts';
import { Labels } from '../../names.ts';
import type { Watches } from '../../watches.ts';
import type { RuntimeDeps } from './observe.ts';
import { reconcileRuntime } from './reconcile.ts';

/** What is watched for BotRuntimes, and which of them a change concerns. */
export function makeRuntimeController(deps: RuntimeDeps, watches: Watches, metrics: MetricsPort): Controller {
  const queue = new WorkQueue({ name: 'botruntime', retryDelayMs: RETRY_DELAY_MS, retryDelayMsMax: RETRY_DELAY_MS_MAX, metrics });
  const controller = new Controller({ name: 'botruntime', concurrency: RUNTIME_CONCURRENCY, queue, metrics, logger: deps.log, reconcile: (key) => reconcileRuntime(deps, key) });
  const owner = (child: KubeObject): string[] => {
    const ref = controllerOf(child);
    return ref?.kind === 'BotRuntime' ? [keyOf({ namespace: child.metadata.namespace ?? '', name: ref.name })] : [];
  };
  return controller
    .watch(watches.runtimes)
    .watch(watches.deployments, owner)
    .watch(watches.serviceAccounts, owner)
    .watch(watches.budgets, owner)
    .watch(watches.policies, owner)
    .watch(watches.pods, (pod) => {
      const name = pod.metadata.labels?.[Labels.runtime];
      return name === undefined ? [] : [keyOf({ namespace: pod.metadata.namespace ?? '', name })];
    });
}

/** A list of pods in KV: its pool may be gone, or somebody else wrote it. */
export function onRuntimeRecord(controller: Controller, key: string): void {
  const ref = parseBotId(key);
  if (ref) controller.enqueue(keyOf(ref), 'low');
}
