import {
  BOTS, BOT_REVISIONS, BOT_RUNTIMES, CONFIG_MAPS, DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, PODS, Reflector, SECRETS, keyOf, typed,
} from '@botplane/k8s';
import type {
  Bot, BotRevision, BotRuntime, Deployment, HorizontalPodAutoscaler, K8sClient, KubeObject, Logger, MetricsPort, PartialObjectMetadata, Pod,
} from '@botplane/k8s';
import { runtimeRefOf } from './controllers/bot/observe.ts';
import { runtimeKeyOfPod } from './controllers/bot-runtime/directory.ts';
import { Labels } from './names.ts';

/**
 * Everything the operator watches; each kind once, shared by all controllers. A watch is a connection: what hardly ever changes (the other children
 * of runtimes) is asked for instead.
 */
export interface Watches {
  bots: Reflector<Bot>;
  revisions: Reflector<BotRevision>;
  runtimes: Reflector<BotRuntime>;
  /** Metadata only: values are read one by one, when they are needed. */
  secrets: Reflector<PartialObjectMetadata>;
  /** Metadata only: of the few that Bots name the content is read when it changed. */
  configMaps: Reflector<PartialObjectMetadata>;
  pods: Reflector<Pod>;
  deployments: Reflector<Deployment>;
  autoscalers: Reflector<HorizontalPodAutoscaler>;
}

/** Makes the reflectors, of one namespace or of all; they start with {@link startWatches}. */
export function makeWatches(client: K8sClient, installNamespace: string, shared: { logger: Logger; metrics: MetricsPort; namespace?: string }): Watches {
  const ofRuntimes = { ...shared, labelSelector: Labels.runtime };
  return {
    bots: new Reflector(client, typed<Bot>(BOTS), {
      ...shared,
      indexers: {
        secret: (bot) => [`${bot.metadata.namespace}/${bot.spec.tokenSecretRef.name}`],
        runtime: (bot) => [runtimeRefOf(bot, installNamespace).key],
        configMap: (bot) => configMapKeys(bot),
      },
    }),
    revisions: new Reflector(client, typed<BotRevision>(BOT_REVISIONS), {
      ...shared,
      indexers: {
        bot: (revision) => [botKeyOf(revision)],
        secret: (revision) => (revision.spec.secretRefs ?? []).map((ref) => `${revision.metadata.namespace}/${ref.secretName}`),
      },
    }),
    runtimes: new Reflector(client, typed<BotRuntime>(BOT_RUNTIMES), shared),
    secrets: new Reflector<PartialObjectMetadata>(client, SECRETS, { ...shared, metadataOnly: true, transform: bare }),
    configMaps: new Reflector<PartialObjectMetadata>(client, CONFIG_MAPS, { ...shared, metadataOnly: true, transform: bare }),
    pods: new Reflector(client, PODS, { ...ofRuntimes, indexers: { runtime: (pod) => [runtimeKeyOfPod(pod) ?? ''] } }),
    deployments: new Reflector(client, DEPLOYMENTS, ofRuntimes),
    autoscalers: new Reflector(client, HORIZONTAL_POD_AUTOSCALERS, ofRuntimes),
  };
}

function configMapKeys(bot: Bot): string[] {
  const ref = bot.spec.template?.spec.source.configMapRef;
  return ref ? [`${bot.metadata.namespace}/${ref.name}`] : [];
}

/** Key of the Bot that a revision belongs to. */
export const botKeyOf = (revision: BotRevision): string => keyOf({ namespace: revision.metadata.namespace ?? '', name: revision.spec.botRef.name });

/** Of a Secret or ConfigMap only its identity and version are needed. */
function bare({ apiVersion, kind, metadata }: PartialObjectMetadata): PartialObjectMetadata {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } };
}

const all = (watches: Watches): Reflector<KubeObject>[] => Object.values(watches) as Reflector<KubeObject>[];

export function startWatches(watches: Watches): void {
  for (const reflector of all(watches)) reflector.start();
}

export async function waitForWatches(watches: Watches): Promise<void> {
  await Promise.all(all(watches).map((reflector) => reflector.waitForSync()));
}

export const watchesSynced = (watches: Watches): boolean => all(watches).every((reflector) => reflector.hasSynced);

export async function stopWatches(watches: Watches): Promise<void> {
  await Promise.all(all(watches).map((reflector) => reflector.stop()));
}
