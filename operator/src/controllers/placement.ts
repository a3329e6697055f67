import type { Bot, BotRevision } from '@botplane/k8s';
import { dedicatedLabel, runtimeKey } from '../names.ts';
import { runtimeRefOf } from './bot/observe.ts';

/** Key in KV `runtimes` of the pods that run a revision: those of its own, or those of the pool that its Bot names. */
export function runtimeKeyOf(revision: BotRevision, bot: Bot, installNamespace: string): string {
  const { name, namespace = '' } = revision.metadata;
  return revision.spec.isolation === 'Dedicated' ? runtimeKey(namespace, dedicatedLabel(name)) : runtimeRefOf(bot, installNamespace).key;
}
