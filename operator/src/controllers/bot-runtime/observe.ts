import type { BotRuntime, Deployment, K8sClient, KubeObject, Logger, NetworkPolicy, Pod, PodDisruptionBudget, ServiceAccount, StoreReader } from '@botplane/k8s';
import { DEPLOYMENTS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS, SERVICE_ACCOUNTS, controllerOf } from '@botplane/k8s';
import type { Stores } from '../../adapters/stores.ts';
import type { FreshObjects } from '../../fresh-objects.ts';
import { childName } from './desired.ts';
import type { RuntimeSettings } from './desired.ts';

/** What the BotRuntime controller works with. */
export interface RuntimeDeps {
  client: K8sClient;
  stores: Stores;
  log: Logger;
  fresh: FreshObjects<BotRuntime>;
  runtimes: StoreReader<BotRuntime>;
  deployments: StoreReader<Deployment>;
  serviceAccounts: StoreReader<ServiceAccount>;
  budgets: StoreReader<PodDisruptionBudget>;
  policies: StoreReader<NetworkPolicy>;
  /** Index `runtime`: key in KV `runtimes`. */
  pods: StoreReader<Pod>;
  settings: RuntimeSettings;
  nowMs: () => number;
}

/** The children of a BotRuntime as they are. */
export interface RuntimeChildren {
  deployment: Deployment | undefined;
  serviceAccount: ServiceAccount | undefined;
  budget: PodDisruptionBudget | undefined;
  policy: NetworkPolicy | undefined;
}

/** From the cache; what is not there is asked for, since the cache knows only what bears our labels. */
export async function observeChildren(deps: RuntimeDeps, runtime: BotRuntime): Promise<RuntimeChildren> {
  const ref = { namespace: runtime.metadata.namespace ?? '', name: childName(runtime) };
  return {
    deployment: deps.deployments.get(ref) ?? (await deps.client.get(DEPLOYMENTS, ref)),
    serviceAccount: deps.serviceAccounts.get(ref) ?? (await deps.client.get(SERVICE_ACCOUNTS, ref)),
    budget: deps.budgets.get(ref) ?? (await deps.client.get(POD_DISRUPTION_BUDGETS, ref)),
    policy: deps.policies.get(ref) ?? (await deps.client.get(NETWORK_POLICIES, ref)),
  };
}

/** A child of our name that somebody else made: it is never taken over. */
export function findForeign(children: RuntimeChildren, runtime: BotRuntime): KubeObject | undefined {
  const all: (KubeObject | undefined)[] = Object.values(children);
  return all.find((child) => child !== undefined && controllerOf(child)?.uid !== runtime.metadata.uid);
}
