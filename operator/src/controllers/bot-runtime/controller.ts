import { parseBotId } from '@botplane/domain';
import { Controller, WorkQueue, controllerOf, keyOf } from '@botplane/k8s';
import type { BotRevision, BotRuntime, KubeObject, MetricsPort } from '@botplane/k8s';
import { RETRY_DELAY_MS, RETRY_DELAY_MS_MAX, RUNTIME_CONCURRENCY } from '../../limits.ts';
import { Labels, dedicatedLabel, refOfRuntimeKey, runtimeKey } from '../../names.ts';
import type { Watches } from '../../watches.ts';
import type { RuntimeDeps } from './observe.ts';
import { reconcileRuntime } from './reconcile.ts';

/** What is watched for BotRuntimes, and which of them a change concerns. */
export function makeRuntimeController(deps: RuntimeDeps, watches: Watches, metrics: MetricsPort): Controller {
  const queue = new WorkQueue({ name: 'botruntime', retryDelayMs: RETRY_DELAY_MS, retryDelayMsMax: RETRY_DELAY_MS_MAX, metrics });
  const controller = new Controller({ name: 'botruntime', concurrency: RUNTIME_CONCURRENCY, queue, metrics, logger: deps.log, reconcile: (key) => reconcileRuntime(deps, key) });
  const owner = (child: KubeObject): string[] => {
    const ref = controllerOf(child);
    const { namespace = '' } = child.metadata;
    if (ref?.kind === 'BotRevision') return [dedicatedKey(namespace, ref.name)];
    return ref?.kind === 'BotRuntime' ? [keyOf({ namespace, name: ref.name })] : [];
  };
  const dedicatedOf = (revisions: readonly BotRevision[]): string[] =>
    revisions.filter(({ spec }) => spec.isolation === 'Dedicated').map(({ metadata }) => dedicatedKey(metadata.namespace ?? '', metadata.name));
  const ofPool = (runtime: BotRuntime): string[] =>
    watches.bots.store.byIndex('runtime', runtimeKey(runtime.metadata.namespace ?? '', runtime.metadata.name)).flatMap((bot) => dedicatedOf(watches.revisions.store.byIndex('bot', keyOf(bot))));
  return controller
    .watch(watches.runtimes, (runtime) => [keyOf(runtime), ...ofPool(runtime)])
    .watch(watches.revisions, (revision) => dedicatedOf([revision]))
    .watch(watches.bots, (bot) => dedicatedOf(watches.revisions.store.byIndex('bot', keyOf(bot))))
    .watch(watches.deployments, owner)
    .watch(watches.autoscalers, owner)
    .watch(watches.pods, (pod) => {
      const name = pod.metadata.labels?.[Labels.runtime];
      return name === undefined ? [] : [keyOf({ namespace: pod.metadata.namespace ?? '', name })];
    });
}

const dedicatedKey = (namespace: string, revision: string): string => keyOf({ namespace, name: dedicatedLabel(revision) });

/** A list of pods in KV: its pool may be gone, or somebody else wrote it. */
export function onRuntimeRecord(controller: Controller, key: string): void {
  const ref = refOfRuntimeKey(key);
  if (ref) controller.enqueue(keyOf(ref), 'low');
}

/** The route of a bot changed: Dedicated revisions of it may be needed, or needed no more. */
export function onRoutedDedicated(controller: Controller, watches: Watches, botId: string): void {
  const ref = parseBotId(botId);
  if (!ref) return;
  for (const { metadata, spec } of watches.revisions.store.byIndex('bot', keyOf(ref))) {
    if (spec.isolation === 'Dedicated') controller.enqueue(dedicatedKey(metadata.namespace ?? '', metadata.name));
  }
}
