import type { Bot, BotRevision, BotRuntime, Deployment, HorizontalPodAutoscaler, K8sClient, KubeObject, Logger, NetworkPolicy, Pod, PodDisruptionBudget, ServiceAccount, StoreReader } from '@botplane/k8s';
import { DEPLOYMENTS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS, SERVICE_ACCOUNTS, controllerOf } from '@botplane/k8s';
import type { Stores } from '../../adapters/stores.ts';
import type { FreshObjects } from '../../fresh-objects.ts';
import type { NamespaceLabels } from './allowed-namespaces.ts';
import type { RuntimeSettings } from './desired.ts';
import type { PodTroubles } from './pod-troubles.ts';
import type { PodSet } from './pod-set.ts';

/** What the BotRuntime controller works with. */
export interface RuntimeDeps {
  client: K8sClient;
  stores: Stores;
  log: Logger;
  fresh: FreshObjects<BotRuntime>;
  runtimes: StoreReader<BotRuntime>;
  namespaces: NamespaceLabels;
  bots: StoreReader<Bot>;
  revisions: StoreReader<BotRevision>;
  /** True when the last known route of a bot names the revision. */
  isRouted: (botId: string, revision: string) => boolean;
  deployments: StoreReader<Deployment>;
  autoscalers: StoreReader<HorizontalPodAutoscaler>;
  /** Index `runtime`: key in KV `runtimes`. */
  pods: StoreReader<Pod>;
  troubles: PodTroubles;
  settings: RuntimeSettings;
  nowMs: () => number;
}

/** The children of pods as they are. */
export interface PodSetChildren {
  deployment: Deployment | undefined;
  serviceAccount: ServiceAccount | undefined;
  budget: PodDisruptionBudget | undefined;
  policy: NetworkPolicy | undefined;
}

/** From the cache, or asked for: the cache knows only Deployments, and of these only what bears our labels. */
export async function observeChildren(deps: RuntimeDeps, { namespace, name }: PodSet): Promise<PodSetChildren> {
  const ref = { namespace, name };
  const { client } = deps;
  const [deployment, serviceAccount, budget, policy] = await Promise.all([
    deps.deployments.get(ref) ?? client.get(DEPLOYMENTS, ref), client.get(SERVICE_ACCOUNTS, ref), client.get(POD_DISRUPTION_BUDGETS, ref), client.get(NETWORK_POLICIES, ref),
  ]);
  return { deployment, serviceAccount, budget, policy };
}

/** A child of our name that somebody else made: it is never taken over. */
export function findForeign(children: readonly (KubeObject | undefined)[], { owner }: PodSet): KubeObject | undefined {
  return children.find((child) => child !== undefined && controllerOf(child)?.uid !== owner.uid);
}
