import type { RuntimeRecord } from '@botplane/contracts';
import { makeBotId } from '@botplane/domain';
import { isDeleting, isTrue, keyOf } from '@botplane/k8s';
import type { Bot, BotRevision, BotRevisionStatus, BotRuntime, EventRecorder, K8sClient, Logger, PartialObjectMetadata, StoreReader } from '@botplane/k8s';
import type { ArtefactStore } from '@botplane/kit/artefacts';
import type { InstallKey } from '@botplane/kit/plain';
import type { Bundle, BundleStore } from '../../adapters/bundle-store.ts';
import type { Compiler } from '../../adapters/compiler.ts';
import type { RuntimePods } from '../../adapters/runtime-client.ts';
import type { Stores } from '../../adapters/stores.ts';
import type { Failpoints } from '../../failpoints.ts';
import type { FreshObjects } from '../../fresh-objects.ts';
import type { Outcome } from '../../outcome.ts';
import type { Passports } from '../../passports.ts';
import { Conditions } from '../../reasons.ts';
import type { NamespaceLabels } from '../bot-runtime/allowed-namespaces.ts';
import type { ArtefactHolds } from './artefacts.ts';
import type { Quarantine } from './quarantine.ts';

/** What proving a revision on a pod came to: the two conditions Loaded and Healthy. */
export interface Proof {
  loaded: Outcome;
  healthy: Outcome;
}

/** What the BotRevision controller works with. */
export interface RevisionDeps {
  client: K8sClient;
  stores: Stores;
  artefacts: ArtefactStore;
  bundles: BundleStore;
  compiler: Compiler;
  pods: RuntimePods;
  passports: Passports;
  holds: ArtefactHolds;
  failpoints: Failpoints;
  events: EventRecorder;
  log: Logger;
  fresh: FreshObjects<BotRevision>;
  revisions: StoreReader<BotRevision>;
  bots: StoreReader<Bot>;
  runtimes: StoreReader<BotRuntime>;
  namespaces: NamespaceLabels;
  secrets: StoreReader<PartialObjectMetadata>;
  /** Ready pods of a pool now. */
  readyPods: (runtimeKey: string) => RuntimeRecord['pods'];
  /** Why the pods of a Dedicated revision cannot be made, by its key. */
  podTroubleOf: (key: string) => string | undefined;
  /** True when the last known route of a bot names the revision. */
  isRouted: (botId: string, revision: string) => boolean;
  quarantine: Pick<Quarantine, 'causeOf' | 'forget'>;
  /** Outcomes that no retry changes, by uid: kept in memory, so that another version of the operator tries once more. */
  verdicts: { published: Map<string, Outcome>; proofs: Map<string, Proof> };
  settings: { namespace: string; secretsInstallKey: InstallKey; cleanupMsMax: number };
  nowMs: () => number;
}

/** One reconcile at work. */
export interface RevisionWork {
  revision: BotRevision;
  readonly key: string;
  readonly botId: string;
  readonly bot: Bot | undefined;
  draft: BotRevisionStatus;
  /** bot.js, when this reconcile has it in hand. */
  code: Uint8Array<ArrayBuffer> | undefined;
  /** The bundle that the revision is made from, while it is to be compiled. */
  bundle: Bundle | undefined;
}

/** Reads the cache once. */
export function observeRevision(deps: RevisionDeps, revision: BotRevision): RevisionWork {
  const { namespace = '' } = revision.metadata;
  const botName = revision.spec.botRef.name;
  return {
    revision, key: keyOf(revision), botId: makeBotId(namespace, botName), bot: deps.bots.get({ namespace, name: botName }),
    draft: structuredClone(revision.status ?? {}), code: undefined, bundle: undefined,
  };
}

/** V8 learns late how much memory hangs on a small object: of a thousand revisions 300 KB each, that is most of what the operator would hold. */
export function dropCode(work: Pick<RevisionWork, 'code'>): void {
  const { code } = work;
  work.code = undefined;
  // A small file may lie in memory that it shares with others: Node keeps a pool of it.
  if (code && code.byteLength === code.buffer.byteLength) code.buffer.transfer(0);
}

/**
 * True while a decision or a route names the revision: then its object must stay. A Bot that is being deleted decides nothing: with
 * `--cascade=foreground` it waits for its revisions, and they must not wait for it.
 */
export function isInUse(deps: Pick<RevisionDeps, 'isRouted'>, { revision, bot, botId }: Pick<RevisionWork, 'revision' | 'bot' | 'botId'>): boolean {
  const { name } = revision.metadata;
  if (!bot || isDeleting(bot)) return deps.isRouted(botId, name);
  const isDecided = bot.status?.stableRevision === name || bot.status?.canaryRevision === name || (bot.status?.superseded ?? []).some((entry) => entry.revision === name);
  return isDecided || deps.isRouted(botId, name);
}

/** Whether a pool that can load something now concerns the revision of a Bot that names the pool: it is not proved yet, or is to move there. */
export function awaitsPool(deps: Pick<RevisionDeps, 'isRouted'>, key: string, work: Pick<RevisionWork, 'revision' | 'bot' | 'botId'>): boolean {
  const { spec, status } = work.revision;
  if (!isTrue(status?.conditions, Conditions.Ready)) return true;
  return spec.isolation !== 'Dedicated' && status?.runtime !== undefined && status.runtime !== key && isInUse(deps, work);
}
