import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS, SERVICE_ACCOUNTS, applyIfChanged } from '@botplane/k8s';
import type { Applied, BotRuntime, Deployment, KubeObject, ResourceType } from '@botplane/k8s';
import { FIELD_MANAGER } from '../../names.ts';
import { failed } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { makeAutoscaler, makeDeployment, makeDisruptionBudget, makeNetworkPolicy, makeServiceAccount } from './desired.ts';
import { findForeign, observeChildren } from './observe.ts';
import type { RuntimeDeps } from './observe.ts';
import type { PodSet } from './pod-set.ts';
import { deploymentOutcome } from './status.ts';

/** Makes what belongs to the pods so: service account, network policy, disruption budget, and last the Deployment. */
export async function applyChildren(deps: RuntimeDeps, pods: PodSet, ready: number): Promise<Outcome> {
  const children = await observeChildren(deps, pods);
  const foreign = findForeign(Object.values(children), pods);
  if (foreign) return nameTaken(foreign, pods);

  await apply(deps, SERVICE_ACCOUNTS, children.serviceAccount, makeServiceAccount(pods));
  await apply(deps, NETWORK_POLICIES, children.policy, makeNetworkPolicy(pods, deps.settings));
  await apply(deps, POD_DISRUPTION_BUDGETS, children.budget, makeDisruptionBudget(pods));
  const deployment: Deployment = await apply(deps, DEPLOYMENTS, children.deployment, makeDeployment(pods, deps.settings));
  return deploymentOutcome(deployment, pods.replicas, ready);
}

/** The autoscaler of a pool: made, changed, or removed when the pool is no longer scaled by it. Undefined: all is well. */
export async function applyAutoscaler(deps: RuntimeDeps, runtime: BotRuntime, pods: PodSet): Promise<Outcome | undefined> {
  const ref = { namespace: pods.namespace, name: pods.name };
  const known = deps.autoscalers.get(ref);
  const desired = makeAutoscaler(runtime);
  if (!desired) {
    if (known && !findForeign([known], pods)) await remove(deps, HORIZONTAL_POD_AUTOSCALERS, ref);
    return undefined;
  }
  const live = known ?? (await deps.client.get(HORIZONTAL_POD_AUTOSCALERS, ref));
  const foreign = findForeign([live], pods);
  if (foreign) return nameTaken(foreign, pods);
  await apply(deps, HORIZONTAL_POD_AUTOSCALERS, live, desired);
  return undefined;
}

/** Removes everything of pods that are no longer needed. */
export async function removeChildren(deps: RuntimeDeps, pods: PodSet): Promise<void> {
  const ref = { namespace: pods.namespace, name: pods.name };
  const isOurs = (live: KubeObject | undefined): boolean => live !== undefined && live.metadata.deletionTimestamp === undefined && !findForeign([live], pods);
  const { deployment, budget, policy, serviceAccount } = await observeChildren(deps, pods);
  if (isOurs(deployment)) await remove(deps, DEPLOYMENTS, ref);
  if (isOurs(budget)) await remove(deps, POD_DISRUPTION_BUDGETS, ref);
  if (isOurs(policy)) await remove(deps, NETWORK_POLICIES, ref);
  if (isOurs(serviceAccount)) await remove(deps, SERVICE_ACCOUNTS, ref);
}

async function apply<T extends KubeObject>(deps: RuntimeDeps, type: ResourceType<T>, live: T | undefined, desired: Applied<T>): Promise<T> {
  const { object, written } = await applyIfChanged(deps.client, type, live, desired, { fieldManager: FIELD_MANAGER, force: true });
  if (written) deps.log.info({ kind: type.kind, name: desired.metadata.name, namespace: desired.metadata.namespace }, 'applied');
  return object;
}

async function remove(deps: RuntimeDeps, type: ResourceType, ref: { namespace: string; name: string }): Promise<void> {
  await deps.client.delete(type, ref, { propagationPolicy: 'Background' });
  deps.log.info({ kind: type.kind, ...ref }, 'removed');
}

function nameTaken(foreign: KubeObject, { owner }: PodSet): Outcome {
  return failed(Reasons.NameTaken, `${foreign.kind} ${foreign.metadata.name} exists and is not of this ${owner.kind}; rename one of them`);
}
