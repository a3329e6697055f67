import type { RouteRecord, TokenClaim } from '@botplane/contracts';
import { parseBotId } from '@botplane/domain';
import { Controller, WorkQueue, getCondition, keyOf } from '@botplane/k8s';
import type { BotRuntime, MetricsPort, Pod } from '@botplane/k8s';
import type { KeyChange } from '@botplane/nats';
import { unlessDisabled } from '../../hands-off.ts';
import { BOTS_UNDERWAY_MAX, BOT_CONCURRENCY, RETRY_DELAY_MS, RETRY_DELAY_MS_MAX } from '../../limits.ts';
import { Labels, runtimeKey } from '../../names.ts';
import { Reasons } from '../../reasons.ts';
import { botKeyOf } from '../../watches.ts';
import type { Watches } from '../../watches.ts';
import { isPodReady } from '../bot-runtime/directory.ts';
import type { BotDeps } from './observe.ts';
import { reconcileBot } from './reconcile.ts';

/** What is watched for Bots, and which Bots a change concerns. */
export function makeBotController(deps: BotDeps, watches: Watches, metrics: MetricsPort): Controller {
  // Of many Bots that are applied at once each is over soon after it was begun, and needs one write of status instead of one for each step.
  const mayBegin = (): boolean => deps.progress.underway(deps.nowMs()) < BOTS_UNDERWAY_MAX;
  const queue = new WorkQueue({ name: 'bot', retryDelayMs: RETRY_DELAY_MS, retryDelayMsMax: RETRY_DELAY_MS_MAX, mayBegin, metrics });
  const controller = new Controller({ name: 'bot', concurrency: BOT_CONCURRENCY, queue, metrics, logger: deps.log, reconcile: unlessDisabled((key) => [deps.bots.get(key)], (key) => reconcileBot(deps, key)) });
  controller
    .watch(watches.bots, (bot) => [keyOf(bot)], { added: 'low' })
    .watch(watches.revisions, (revision) => [botKeyOf(revision)])
    .watch(watches.secrets, (secret) => watches.bots.store.byIndex('secret', keyOf(secret)).map(keyOf))
    .watch(watches.configMaps, (configMap) => watches.bots.store.byIndex('configMap', keyOf(configMap)).map(keyOf));

  const botsOf = (runtime: BotRuntime): void =>
    watches.bots.store.byIndex('runtime', runtimeKey(runtime.metadata.namespace ?? '', runtime.metadata.name)).forEach((bot) => controller.enqueue(keyOf(bot), 'low'));
  // Of a pool a Bot only needs to know whether it is there, whether it may use it, and whether anything is ready.
  watches.runtimes.addHandler({
    onAdd: botsOf,
    onDelete: botsOf,
    onUpdate: (next, previous) => {
      if (signature(next) !== signature(previous)) botsOf(next);
    },
  });
  // Whether an update is answered depends on pods that only one revision has.
  const onPod = (pod: Pod, previous?: Pod): void => {
    const name = pod.metadata.labels?.[Labels.revision];
    const revision = name === undefined || (previous && isPodReady(previous) === isPodReady(pod)) ? undefined : deps.revisions.get({ namespace: pod.metadata.namespace ?? '', name });
    if (revision) controller.enqueue(botKeyOf(revision));
  };
  watches.pods.addHandler({ onAdd: (pod) => onPod(pod), onUpdate: onPod, onDelete: (pod) => onPod(pod) });
  return controller;
}

const signature = ({ spec, status }: BotRuntime): string => `${JSON.stringify(spec.allowedNamespaces)}/${(status?.readyReplicas ?? 0) > 0}`;

/** A route that is not as status says (lost, or written by somebody else) brings its Bot back to work; so does one whose Bot is gone. */
export function onRouteChange(controller: Controller, deps: BotDeps, { key: botId, entry }: KeyChange<RouteRecord>): void {
  const ref = parseBotId(botId);
  if (!ref) return;
  const bot = deps.fresh.newest(keyOf(ref), deps.bots.get(ref));
  if (bot ? entry?.value.routeSeq !== bot.status?.routeSeq : entry && entry.value.state !== 'Deleted') controller.enqueue(keyOf(ref), bot ? 'normal' : 'low');
}

/** A token that became free may be what another Bot waits for. */
export function onClaimChange(controller: Controller, deps: BotDeps, { entry }: KeyChange<TokenClaim>): void {
  if (entry) return;
  for (const bot of deps.bots.list()) {
    if (getCondition(bot.status?.conditions, 'Stalled')?.reason === Reasons.TokenInUse) controller.enqueue(keyOf(bot));
  }
}
