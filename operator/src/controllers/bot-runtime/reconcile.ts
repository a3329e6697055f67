import { BOT_RUNTIMES, isDeleting, refOfKey, statusEquals, typed } from '@botplane/k8s';
import type { BotRuntime, BotRuntimeStatus, ReconcileResult } from '@botplane/k8s';
import { isHandsOff } from '../../hands-off.ts';
import { RUNTIME_CHILDREN_CHECK_MS } from '../../limits.ts';
import { STATUS_MANAGER, revisionOfDedicated, runtimeKey } from '../../names.ts';
import { settle } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { applyAutoscaler, applyChildren } from './children.ts';
import { reconcileDedicated } from './dedicated.ts';
import { isPodReady, listPods, publishPods, withdrawPods } from './directory.ts';
import type { RuntimeDeps } from './observe.ts';
import { poolPods, selectorText } from './pod-set.ts';
import { runtimeConditions } from './status.ts';

/** Publishes the ready pods of a pool, or of a Dedicated revision, first, since executors wait for that; then makes the children so. */
export async function reconcileRuntime(deps: RuntimeDeps, key: string): Promise<ReconcileResult> {
  const { namespace = '', name } = refOfKey(key);
  const revision = revisionOfDedicated(name);
  if (revision !== undefined) return reconcileDedicated(deps, { namespace, name: revision });
  const runtime = deps.fresh.newest(key, deps.runtimes.get(key));
  const directoryKey = runtimeKey(namespace, name);
  if (!runtime) {
    // Its children go by their owner references.
    await withdrawPods(deps.stores.runtimes, directoryKey);
    return {};
  }
  const pods = deps.pods.byIndex('runtime', directoryKey);
  const published = await settle(async () => {
    if (await publishPods(deps.stores.runtimes, directoryKey, listPods(pods))) deps.log.info({ runtime: directoryKey, ready: listPods(pods).length }, 'runtime pods published');
    return { state: 'done', reason: Reasons.Ready, message: '' };
  });
  // Pods come and go whatever a person said: their addresses are told in any case.
  if (isDeleting(runtime) || isHandsOff(runtime)) return {};

  const ready = pods.filter(isPodReady).length;
  const applied = await settle(() => applyPool(deps, runtime, ready));
  const outcome = published.state === 'done' ? applied : published;
  await writeStatus(deps, runtime, outcome, { replicas: pods.filter((pod) => pod.metadata.deletionTimestamp === undefined).length, readyReplicas: ready });
  if (outcome.error !== undefined) throw outcome.error;
  return { requeueAfterMs: RUNTIME_CHILDREN_CHECK_MS };
}

async function applyPool(deps: RuntimeDeps, runtime: BotRuntime, ready: number): Promise<Outcome> {
  const pods = poolPods(runtime);
  const children = await applyChildren(deps, pods, ready);
  return (await applyAutoscaler(deps, runtime, pods)) ?? children;
}

async function writeStatus(deps: RuntimeDeps, runtime: BotRuntime, outcome: Outcome, counts: { replicas: number; readyReplicas: number }): Promise<void> {
  const { generation = 0 } = runtime.metadata;
  const status: BotRuntimeStatus = {
    ...counts, observedGeneration: generation, selector: selectorText(poolPods(runtime)),
    conditions: runtimeConditions(runtime.status?.conditions, { generation, outcome, readyReplicas: counts.readyReplicas }, new Date(deps.nowMs()).toISOString()),
  };
  if (statusEquals(runtime.status, status)) return;
  deps.fresh.remember(await deps.client.replaceStatus(typed<BotRuntime>(BOT_RUNTIMES), { ...runtime, status }, { fieldManager: STATUS_MANAGER }));
}
