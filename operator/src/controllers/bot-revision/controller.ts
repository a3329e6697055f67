import { makeBotId, parseBotId } from '@botplane/domain';
import { Controller, WorkQueue, keyOf } from '@botplane/k8s';
import type { Bot, BotRevision, BotRuntime, MetricsPort, Pod } from '@botplane/k8s';
import { unlessDisabled } from '../../hands-off.ts';
import { RETRY_DELAY_MS, RETRY_DELAY_MS_MAX, REVISION_CONCURRENCY } from '../../limits.ts';
import { Annotations, Labels, runtimeKey } from '../../names.ts';
import { botKeyOf } from '../../watches.ts';
import type { Watches } from '../../watches.ts';
import { isPodReady, listPods, runtimeKeyOfPod } from '../bot-runtime/directory.ts';
import { awaitsPool } from './observe.ts';
import type { RevisionDeps } from './observe.ts';
import { Quarantine } from './quarantine.ts';
import type { QuarantineOptions } from './quarantine.ts';
import { reconcileRevision } from './reconcile.ts';

/** What is watched for BotRevisions, and which of them a change concerns. */
export function makeRevisionController(deps: RevisionDeps, watches: Watches, metrics: MetricsPort): Controller {
  const queue = new WorkQueue({ name: 'botrevision', retryDelayMs: RETRY_DELAY_MS, retryDelayMsMax: RETRY_DELAY_MS_MAX, metrics });
  const botOf = (key: string): Bot | undefined => {
    const revision = deps.revisions.get(key);
    return revision && deps.bots.get(botKeyOf(revision));
  };
  const controller = new Controller({ name: 'botrevision', concurrency: REVISION_CONCURRENCY, queue, metrics, logger: deps.log, reconcile: unlessDisabled((key) => [deps.revisions.get(key), botOf(key)], (key) => reconcileRevision(deps, key)) });
  const revisionsOf = (bot: Bot): BotRevision[] => watches.revisions.store.byIndex('bot', keyOf(bot));
  controller.watch(watches.revisions).watch(watches.secrets, (secret) => watches.revisions.store.byIndex('secret', keyOf(secret)).map(keyOf));

  const enqueueAll = (bot: Bot): void => revisionsOf(bot).forEach((revision) => controller.enqueue(keyOf(revision)));
  watches.bots.addHandler({
    onAdd: enqueueAll,
    onDelete: enqueueAll,
    onUpdate: (next, previous) => {
      if (signature(next) !== signature(previous)) enqueueAll(next);
    },
  });

  // Capacity came: those that wait for it, or are to move there, are tried at once.
  const tryWaiting = (key: string): void => {
    for (const bot of watches.bots.store.byIndex('runtime', key)) {
      const botId = makeBotId(bot.metadata.namespace ?? '', bot.metadata.name);
      for (const revision of revisionsOf(bot)) if (awaitsPool(deps, key, { revision, bot, botId })) controller.enqueue(keyOf(revision));
    }
  };
  const onPod = (pod: Pod, previous?: Pod): void => {
    const key = runtimeKeyOfPod(pod);
    if (key === undefined || !isPodReady(pod) || (previous && isPodReady(previous))) return;
    tryWaiting(key);
    const dedicated = pod.metadata.labels?.[Labels.revision];
    if (dedicated !== undefined) controller.enqueue(keyOf({ namespace: pod.metadata.namespace ?? '', name: dedicated }));
  };
  watches.pods.addHandler({ onAdd: (pod) => onPod(pod), onUpdate: onPod });
  const tryPool = ({ metadata: { name, namespace = '' } }: BotRuntime): void => tryWaiting(runtimeKey(namespace, name));
  watches.runtimes.addHandler({
    onAdd: tryPool,
    onUpdate: (next, previous) => {
      if (JSON.stringify(next.spec.allowedNamespaces) !== JSON.stringify(previous.spec.allowedNamespaces)) tryPool(next);
    },
  });
  return controller;
}

/** What a revision needs to know of its Bot. */
const signature = ({ metadata, spec, status }: Bot): string => JSON.stringify([metadata.annotations?.[Annotations.reconcile], spec.runtimeRef, spec.rollout?.tests, status?.stableRevision, status?.canaryRevision, (status?.superseded ?? []).map((entry) => entry.revision)]);

/** Asks the ready runtime pods for revisions in quarantine; what is found goes to `onFound`. */
export function watchQuarantine(watches: Watches, options: Pick<QuarantineOptions, 'ask' | 'log' | 'onFound'>): Quarantine {
  return new Quarantine({
    ...options,
    addresses: () => listPods(watches.pods.store.list()).map(({ address }) => address),
    find: (botId, revHash) => {
      const ref = parseBotId(botId);
      return ref && watches.revisions.store.byIndex('bot', keyOf(ref)).find(({ status }) => status?.artifact?.revHash === revHash);
    },
  });
}

/** The route of a bot changed: its revisions may have become free to go. */
export function onRoutedRevisions(controller: Controller, watches: Watches, botId: string): void {
  const ref = parseBotId(botId);
  if (ref) watches.revisions.store.byIndex('bot', keyOf(ref)).forEach((revision) => controller.enqueue(keyOf(revision)));
}
