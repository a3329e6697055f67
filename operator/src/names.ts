import { makeBotId } from '@botplane/domain';

/** Field managers: who wrote a field, as `kubectl get --show-managed-fields` tells. */
export const FIELD_MANAGER = 'botplane-operator';
export const STATUS_MANAGER = 'botplane-operator-status';

/** Keeps a Bot until Telegram, KV and routes are cleaned up. */
export const BOT_FINALIZER = 'botplane.dev/bot';
/** Keeps a BotRevision while any route names it. */
export const REVISION_FINALIZER = 'botplane.dev/in-use';

/** Labels of what the operator makes. */
export const Labels = {
  /** Name of the Bot of a BotRevision. */
  bot: 'botplane.dev/bot',
  /** Name of the BotRuntime of a pod. */
  runtime: 'botplane.dev/runtime',
  /** Name of the BotRevision that a Dedicated pod runs. */
  revision: 'botplane.dev/revision',
} as const;

/** Annotations that people set. */
export const Annotations = {
  /** `"true"`: a webhook that another program set is replaced. */
  replaceWebhook: 'botplane.dev/replace-webhook',
  /** `disabled`, on a Bot (and with it its revisions), BotRevision or BotRuntime: the operator leaves it as it is. */
  reconcile: 'botplane.dev/reconcile',
} as const;

/** On revisions of a Bot that went while NATS was away: its uid, when the state of its chats is to go as well. */
export const PURGE_ANNOTATION = 'botplane.dev/purge-state-of';

/** Key of a pool in KV `runtimes`, and how routes name it. */
export const runtimeKey = (namespace: string, name: string): string => makeBotId(namespace, name);

/** What such a key speaks of; undefined: it is none. */
export function refOfRuntimeKey(key: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^([^_]+)_(.+)$/.exec(key) ?? [];
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined;
}

/** Stands for the pool where pods run one revision only. No object can have such a name, so that none is taken for it. */
const DEDICATED = 'Dedicated.';
export const dedicatedLabel = (revision: string): string => `${DEDICATED}${revision}`;
/** The revision that such a label or the second half of such a key speaks of. */
export const revisionOfDedicated = (name: string): string | undefined => (name.startsWith(DEDICATED) ? name.slice(DEDICATED.length) : undefined);

/** Where everything lies in S3 that was published for a bot. */
export const botFolder = (botId: string): string => `bots/${botId}/`;

/** Key of a Bot in KV `credentials` for its token. */
export const tokenKey = (botId: string): string => `${botId}.token`;
/** Key in KV `credentials` for what is left to do at Telegram after a Bot is gone, and the filter for all of them. */
export const farewellKey = (botId: string, uid: string): string => `${botId}.farewell.${uid}`;
export const FAREWELL_KEYS = '*.farewell.*';
/** Key in KV `credentials` for the secretRefs values of one revision. */
export const secretsKey = (botId: string, revision: string): string => `${botId}.secrets.${revision}`;
