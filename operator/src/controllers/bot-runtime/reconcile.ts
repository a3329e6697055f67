import {
  BOT_RUNTIMES, DEPLOYMENTS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS, SERVICE_ACCOUNTS, applyIfChanged, isDeleting, refOfKey, statusEquals, typed,
} from '@botplane/k8s';
import type { Applied, BotRuntime, BotRuntimeStatus, Deployment, KubeObject, ReconcileResult, ResourceType } from '@botplane/k8s';
import { isHandsOff } from '../../hands-off.ts';
import { FIELD_MANAGER, STATUS_MANAGER, runtimeKey } from '../../names.ts';
import { failed, settle } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { makeDeployment, makeDisruptionBudget, makeNetworkPolicy, makeServiceAccount, selectorText } from './desired.ts';
import { isPodReady, listPods, publishPods, withdrawPods } from './directory.ts';
import { findForeign, observeChildren } from './observe.ts';
import type { RuntimeDeps } from './observe.ts';
import { deploymentOutcome, runtimeConditions } from './status.ts';

/** Publishes the ready pods first, since executors wait for that; then makes the children so. */
export async function reconcileRuntime(deps: RuntimeDeps, key: string): Promise<ReconcileResult> {
  const { namespace = '', name } = refOfKey(key);
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
  const applied = await settle(() => applyChildren(deps, runtime, ready));
  const outcome = published.state === 'done' ? applied : published;
  await writeStatus(deps, runtime, outcome, { replicas: pods.filter((pod) => pod.metadata.deletionTimestamp === undefined).length, readyReplicas: ready });
  if (outcome.error !== undefined) throw outcome.error;
  return {};
}

async function applyChildren(deps: RuntimeDeps, runtime: BotRuntime, ready: number): Promise<Outcome> {
  const children = await observeChildren(deps, runtime);
  const foreign = findForeign(children, runtime);
  if (foreign) return failed(Reasons.NameTaken, `${foreign.kind} ${foreign.metadata.name} exists and is not of this BotRuntime; rename one of them`);

  const apply = async <T extends KubeObject>(type: ResourceType<T>, live: T | undefined, desired: Applied<T>): Promise<T> => {
    const { object, written } = await applyIfChanged(deps.client, type, live, desired, { fieldManager: FIELD_MANAGER, force: true });
    if (written) deps.log.info({ kind: type.kind, name: desired.metadata.name, namespace: desired.metadata.namespace }, 'applied');
    return object;
  };
  await apply(SERVICE_ACCOUNTS, children.serviceAccount, makeServiceAccount(runtime));
  await apply(NETWORK_POLICIES, children.policy, makeNetworkPolicy(runtime, deps.settings));
  await apply(POD_DISRUPTION_BUDGETS, children.budget, makeDisruptionBudget(runtime));
  const deployment: Deployment = await apply(DEPLOYMENTS, children.deployment, makeDeployment(runtime, deps.settings));
  return deploymentOutcome(deployment, runtime.spec.replicas ?? 1, ready);
}

async function writeStatus(deps: RuntimeDeps, runtime: BotRuntime, outcome: Outcome, counts: { replicas: number; readyReplicas: number }): Promise<void> {
  const { generation = 0 } = runtime.metadata;
  const status: BotRuntimeStatus = {
    ...counts, observedGeneration: generation, selector: selectorText(runtime),
    conditions: runtimeConditions(runtime.status?.conditions, { generation, outcome, readyReplicas: counts.readyReplicas }, new Date(deps.nowMs()).toISOString()),
  };
  if (statusEquals(runtime.status, status)) return;
  deps.fresh.remember(await deps.client.replaceStatus(typed<BotRuntime>(BOT_RUNTIMES), { ...runtime, status }, { fieldManager: STATUS_MANAGER }));
}
