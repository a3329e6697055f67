import type { RouteRecord } from '@botplane/contracts';
import { makeBotId } from '@botplane/domain';
import { controllerOf, firstBytes, getCondition, isDeleting, isTrue, keyOf, refOfKey } from '@botplane/k8s';
import type { Bot, BotRevision, BotRuntime, BotStatus, EventRecorder, K8sClient, Logger, PartialObjectMetadata, StoreReader } from '@botplane/k8s';
import type { InstallKey } from '@botplane/kit/plain';
import type { LRUCache } from 'lru-cache';
import type { Conversations } from '../../adapters/conversations.ts';
import type { Stores } from '../../adapters/stores.ts';
import type { Telegram } from '../../adapters/telegram.ts';
import type { Failpoints } from '../../failpoints.ts';
import type { FreshObjects } from '../../fresh-objects.ts';
import { ORIGIN_ANNOTATIONS_MAX, ORIGIN_BYTES_MAX, ORIGIN_VALUE_CHARS_MAX } from '../../limits.ts';
import { PURGE_ANNOTATION, runtimeKey } from '../../names.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import type { Passports } from '../../passports.ts';
import type { NamespaceLabels } from '../bot-runtime/allowed-namespaces.ts';
import type { ContentDigests } from '../config-map-source.ts';
import type { Analyst } from './analyst.ts';
import type { RevisionView } from './decide.ts';
import type { Progress } from './progress.ts';
import type { RolloutClocks } from './rollout-clock.ts';
import type { WebhookChecks } from './webhook-owner.ts';

/** What the Bot controller works with. */
export interface BotDeps {
  client: K8sClient;
  stores: Stores;
  telegram: Telegram;
  passports: Passports;
  events: EventRecorder;
  failpoints: Failpoints;
  log: Logger;
  fresh: FreshObjects<Bot>;
  webhookChecks: WebhookChecks;
  /** Whether conversations are left on a superseded revision. */
  conversations: Pick<Conversations, 'isDrained'>;
  purge: (botId: string) => Promise<void>;
  /** By key: Bots whose finalizer went though something of them is left in KV. */
  abandoned: Map<string, Remains>;
  /** By uid: Bots that are being deleted and whose route is a tombstone. */
  buried: Set<string>;
  analyst: Pick<Analyst, 'look' | 'forget'>;
  progress: Progress;
  /** Accounts of tokens that were accepted a moment ago, by uid of the Bot and version of its Secret: status may not have them yet. */
  acceptedTokens: LRUCache<string, TelegramAccount>;
  rolloutClocks: RolloutClocks;
  bots: StoreReader<Bot>;
  /** Index `bot`: namespace/name of the Bot. */
  revisions: StoreReader<BotRevision>;
  runtimes: StoreReader<BotRuntime>;
  namespaces: NamespaceLabels;
  /** How many pods of a pool, or of a Dedicated revision, are ready now; by key in KV `runtimes`. */
  readyPods: (runtimeKey: string) => number;
  secrets: StoreReader<PartialObjectMetadata>;
  configMaps: StoreReader<PartialObjectMetadata>;
  digests: ContentDigests;
  settings: BotSettings;
  nowMs: () => number;
}

/** Who a token speaks for. */
export interface TelegramAccount {
  readonly id: number;
  readonly username: string;
}

export interface BotSettings {
  /** Where Botplane is installed. */
  namespace: string;
  /** The operator may work in this one only; undefined: in all. */
  onlyNamespace: string | undefined;
  telegramApi: string;
  webhookUrl: string;
  tokenInstallKey: InstallKey;
  /** How long a failing clean-up keeps a deleted Bot. */
  cleanupMsMax: number;
}

/** One reconcile at work: what was read, and the status that is being written. */
export interface BotWork {
  /** As last read or written. */
  bot: Bot;
  readonly botId: string;
  readonly key: string;
  readonly uid: string;
  /** Becomes `status` when it is written. */
  draft: BotStatus;
  readonly revisions: BotRevision[];
  /** True once this reconcile wrote a route. */
  flipped: boolean;
}

/** What a clean-up works from: a Bot that is being deleted, or what is left of one whose object is gone. */
export interface Remains extends Pick<BotWork, 'botId' | 'key' | 'uid' | 'draft' | 'revisions'> {
  /** What `deletionPolicy: Delete` names is still to be removed. */
  purge: boolean;
}

/** Reads the cache once. */
export function observeBot(deps: BotDeps, bot: Bot): BotWork {
  const { name, namespace = '', uid = '' } = bot.metadata;
  const key = keyOf(bot);
  return { bot, key, uid, botId: makeBotId(namespace, name), draft: structuredClone(bot.status ?? {}), revisions: deps.revisions.byIndex('bot', key), flipped: false };
}

/** The route of this very Bot: one of an earlier Bot of the same name does not count. */
export interface ObservedRoute {
  /** Undefined: none, or another Bot's. */
  own: RouteRecord | undefined;
  /** Number of the route or tombstone that stands there, whoever's it is; 0: none. */
  seq: number;
  /** KV revision to compare with; 0: the key is absent. */
  revision: number;
}

export async function observeRoute(deps: BotDeps, work: Pick<BotWork, 'botId' | 'uid'>): Promise<ObservedRoute> {
  const found = await deps.stores.routes.get(work.botId);
  return { own: found?.value.uid === work.uid ? found.value : undefined, seq: found?.value.routeSeq ?? 0, revision: found?.revision ?? 0 };
}

/** What the route says of a Bot that was not buried; undefined when nothing is left. */
export async function observeOrphan(deps: BotDeps, key: string): Promise<Remains | undefined> {
  const { namespace = '', name } = refOfKey(key);
  const botId = makeBotId(namespace, name);
  const route = (await deps.stores.routes.get(botId))?.value;
  if (!route || route.state === 'Deleted') return undefined;
  const revHash = route.revisions[route.split[0]?.revision ?? '']?.revHash;
  // Without its passport a revision's command lists stay at Telegram, where nobody answers them.
  const passport = revHash === undefined ? undefined : await deps.passports.get(botId, revHash).catch(() => undefined);
  const webhook = { commandLanguages: (passport?.commands ?? []).map((list) => list.languageCode ?? '') };
  const revisions = deps.revisions.byIndex('bot', key);
  const purge = revisions.some(({ metadata }) => metadata.annotations?.[PURGE_ANNOTATION] === route.uid);
  return { botId, key, uid: route.uid, draft: { telegram: route.telegram, webhook }, revisions, purge };
}

/** The pool of a Bot: its runtimeRef, else `default` where Botplane is installed. */
export function runtimeRefOf(bot: Bot, installNamespace: string): { namespace: string; name: string; key: string } {
  const ref = bot.spec.runtimeRef;
  const namespace = ref ? (ref.namespace ?? bot.metadata.namespace ?? '') : installNamespace;
  const name = ref?.name ?? 'default';
  return { namespace, name, key: runtimeKey(namespace, name) };
}

/** What the decision needs of each revision. */
export function viewRevision(revision: BotRevision, botUid: string): RevisionView {
  return {
    name: revision.metadata.name,
    ready: isTrue(revision.status?.conditions, 'Ready') && revision.status?.artifact !== undefined,
    quarantined: getCondition(revision.status?.conditions, Conditions.Healthy)?.reason === Reasons.Quarantined,
    owned: controllerOf(revision)?.uid === botUid,
    deleting: isDeleting(revision),
    createdMs: Date.parse(revision.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z'),
    origin: originOf(revision),
  };
}

/** Annotations of the template, which often name the commit. */
function originOf({ metadata }: BotRevision): string {
  const told = Object.entries(metadata.annotations ?? {}).filter(([name]) => !name.startsWith('kubectl.kubernetes.io/'));
  return firstBytes(told.map(([name, value]) => `${name}: ${value.slice(0, ORIGIN_VALUE_CHARS_MAX)}`).slice(0, ORIGIN_ANNOTATIONS_MAX).join(', '), ORIGIN_BYTES_MAX);
}
