import { makeBotId } from '@botplane/domain';
import { isDeleting, keyOf } from '@botplane/k8s';
import type { Bot, BotRevision, ReconcileResult } from '@botplane/k8s';
import { isHandsOff } from '../../hands-off.ts';
import { RUNTIME_CHILDREN_CHECK_MS } from '../../limits.ts';
import { dedicatedLabel, runtimeKey } from '../../names.ts';
import { runtimeRefOf } from '../bot/observe.ts';
import { checkPool } from './access.ts';
import { applyChildren, removeChildren } from './children.ts';
import { isPodReady, listPods, publishPods, withdrawPods } from './directory.ts';
import type { RuntimeDeps } from './observe.ts';
import { dedicatedPods } from './pod-set.ts';

/** Pods of its own for a revision with isolation Dedicated, for as long as it serves, or may soon. */
export async function reconcileDedicated(deps: RuntimeDeps, ref: { namespace: string; name: string }): Promise<ReconcileResult> {
  const key = runtimeKey(ref.namespace, dedicatedLabel(ref.name));
  const revision = deps.revisions.get(ref);
  if (!revision || revision.spec.isolation !== 'Dedicated') {
    deps.troubles.forget(keyOf(ref));
    // Its children go by their owner references.
    await withdrawPods(deps.stores.runtimes, key);
    return {};
  }
  const bot = deps.bots.get({ namespace: ref.namespace, name: revision.spec.botRef.name });
  const pods = deps.pods.byIndex('runtime', key);
  const isLeftAlone = isHandsOff(revision) || (bot !== undefined && isHandsOff(bot));
  if (!isLeftAlone && !isDedicatedNeeded(deps, revision, bot)) {
    deps.troubles.forget(keyOf(ref));
    await removeChildren(deps, dedicatedPods(revision));
    await withdrawPods(deps.stores.runtimes, key);
    return {};
  }
  await publishPods(deps.stores.runtimes, key, listPods(pods));
  if (!bot || isLeftAlone) return {};
  const pool = runtimeRefOf(bot, deps.settings.namespace);
  // Without the pool nobody knows how pods are to be made, and where nodes and pull rights are another's they are not to be had; what runs goes on.
  if ((await checkPool(deps, pool, bot.metadata.namespace ?? '')).state !== 'done') return { requeueAfterMs: RUNTIME_CHILDREN_CHECK_MS };
  const applied = await applyChildren(deps, dedicatedPods(revision, deps.runtimes.get(pool)), pods.filter(isPodReady).length);
  deps.troubles.note(revision, applied);
  return { requeueAfterMs: RUNTIME_CHILDREN_CHECK_MS };
}

/** A revision needs its pods from when it is to be proved until no conversation can run on it any more. */
export function isDedicatedNeeded(deps: Pick<RuntimeDeps, 'isRouted'>, revision: BotRevision, bot: Bot | undefined): boolean {
  const { name, namespace = '' } = revision.metadata;
  if (!bot || isDeleting(revision)) return false;
  if (deps.isRouted(makeBotId(namespace, bot.metadata.name), name)) return true;
  const { status, spec } = bot;
  if (isDeleting(bot)) return false;
  const wanted = [spec.revisionName, status?.latestCreatedRevision, status?.stableRevision, status?.canaryRevision, ...(status?.superseded ?? []).map((entry) => entry.revision)];
  return wanted.includes(name);
}
