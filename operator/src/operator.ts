import { setTimeout as sleep } from 'node:timers/promises';
import { runtimeCredentials } from '@botplane/contracts/grpc';
import type { RouteRecord, RuntimeRecord, TokenClaim } from '@botplane/contracts';
import { EventRecorder, K8sClient, keyOf } from '@botplane/k8s';
import type { Controller, MetricsPort } from '@botplane/k8s';
import { natsSettings, readInstallKey, runtimeTls } from '@botplane/kit/plain';
import type { Log, Metrics, Readiness, Tracing } from '@botplane/kit/plain';
import { WatchedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { LRUCache } from 'lru-cache';
import { readSource } from './admission/sources.ts';
import { startAdmission } from './admission/start.ts';
import { BundleStore } from './adapters/bundle-store.ts';
import { readClientAuthority } from './adapters/client-authority.ts';
import { Compiler } from './adapters/compiler.ts';
import { FencedArtefactStore } from './adapters/fenced-artefacts.ts';
import { Conversations } from './adapters/conversations.ts';
import { makePurge } from './adapters/purge.ts';
import { Prometheus } from './adapters/prometheus.ts';
import { RevisionSums } from './adapters/revision-stats.ts';
import { RuntimePods } from './adapters/runtime-client.ts';
import { openStores } from './adapters/stores.ts';
import type { Stores } from './adapters/stores.ts';
import { Telegram } from './adapters/telegram.ts';
import { watchCertificates } from './certificates.ts';
import type { Config } from './config.ts';
import { Analyst } from './controllers/bot/analyst.ts';
import { BotMeter } from './controllers/bot/bot-meter.ts';
import { exposeConditions } from './controllers/bot/condition-gauge.ts';
import { makeBotController, onClaimChange, onRouteChange } from './controllers/bot/controller.ts';
import { Farewells } from './controllers/bot/farewell.ts';
import type { BotDeps } from './controllers/bot/observe.ts';
import { Progress } from './controllers/bot/progress.ts';
import { RolloutClocks } from './controllers/bot/rollout-clock.ts';
import { WebhookChecks } from './controllers/bot/webhook-owner.ts';
import { BundleSweep } from './controllers/bundle-sweep.ts';
import { ContentDigests } from './controllers/config-map-source.ts';
import { ArtefactHolds } from './controllers/bot-revision/artefacts.ts';
import { makeRevisionController, onRoutedRevisions, watchQuarantine } from './controllers/bot-revision/controller.ts';
import type { RevisionDeps } from './controllers/bot-revision/observe.ts';
import type { Quarantine } from './controllers/bot-revision/quarantine.ts';
import { exposeCapacity } from './controllers/bot-runtime/capacity.ts';
import { makeRuntimeController, onRoutedDedicated, onRuntimeRecord } from './controllers/bot-runtime/controller.ts';
import { NamespaceLabels } from './controllers/bot-runtime/allowed-namespaces.ts';
import { listPods } from './controllers/bot-runtime/directory.ts';
import { PodTroubles } from './controllers/bot-runtime/pod-troubles.ts';
import type { RuntimeDeps } from './controllers/bot-runtime/observe.ts';
import { Failpoints } from './failpoints.ts';
import { FreshObjects } from './fresh-objects.ts';
import { joinElection, kubeconfigOf, watchLiveness } from './leader.ts';
import type { Leadership } from './leader.ts';
import { CERTIFICATE_CHECK_MS, HANDOVER_GRACE_MS, IDENTITIES_MAX, IDENTITY_MS_MAX, QUEUE_GAUGES_MS } from './limits.ts';
import { certificateMetrics } from './metrics.ts';
import { Passports } from './passports.ts';
import { traceReconciles } from './traces.ts';
import { makeWatches, startWatches, stopWatches, waitForWatches, watchesSynced } from './watches.ts';
import type { Watches } from './watches.ts';

/** What the process gives to the operator. */
export interface OperatorContext {
  config: Config;
  log: Log;
  metrics: MetricsPort;
  /** For what is counted only when Prometheus asks. */
  registry: Metrics;
  readiness: Readiness;
  liveness: Readiness;
  /** Undefined: nothing is recorded. */
  tracing?: Tracing | undefined;
  /** Another operator may lead now: this process must end at once. */
  onLeaseLost: (cause: Error) => void;
}

/** Connects everything and fills the caches; resolves once this process could lead at any time. The controllers start when it does lead. */
export async function startOperator({ config, log, metrics, registry, readiness, liveness, tracing, onLeaseLost }: OperatorContext): Promise<{ close(): Promise<void> }> {
  const failpoints = new Failpoints(config.BOTPLANE_FAILPOINTS, config.BOTPLANE_FAILPOINT_DIR);
  const leadership = joinElection(config, { log, metrics, onLost: onLeaseLost });
  const { assertLeader } = leadership.elector;
  watchLiveness(liveness, leadership.elector);
  const client = new K8sClient({ ...kubeconfigOf(config), metrics, userAgent: `botplane-operator/${config.POD_NAME}`, beforeWrite: assertLeader });
  const scope = config.BOTPLANE_SCOPE === 'Namespace' ? { namespace: config.BOTPLANE_NAMESPACE } : {};
  const watches = makeWatches(client, config.BOTPLANE_NAMESPACE, { logger: log, metrics, ...scope });
  readiness.add('kubernetes', () => watchesSynced(watches));
  startWatches(watches);
  exposeCapacity(registry, watches);
  exposeConditions(registry, watches.bots.store);
  const botMeter = new BotMeter(registry, { bots: watches.bots.store, isLeading: () => leadership.elector.isLeader, botsMax: config.BOTPLANE_BOT_METRICS_MAX });

  const natsAt = natsSettings(config, `operator-${config.POD_NAME}`);
  const nats = await openNats(natsAt);
  await ensureTopology(nats.jsm, { replicas: config.NATS_STREAM_REPLICAS });
  readiness.add('nats', async () => (await nats.connection.rtt()) >= 0);

  const certificates = certificateMetrics(registry);
  const certificateWatch = natsAt.tls && watchCertificates({ gauge: certificates, tls: natsAt.tls, connection: nats.connection, log, everyMs: CERTIFICATE_CHECK_MS });

  const artefacts = new FencedArtefactStore(config, assertLeader);
  const parts = { config, log, metrics, certificates, botMeter, leadership, nats, client, namespaces: new NamespaceLabels(client), watches, stores: openStores(nats, assertLeader), artefacts, bundles: new BundleStore(artefacts), failpoints, compiler: new Compiler(), pods: new RuntimePods(runtimeCredentials(runtimeTls(config))), passports: new Passports(artefacts) };
  parts.compiler.warmUp();
  const controllers = makeControllers(parts);
  if (tracing !== undefined) for (const controller of controllers.list) controller.observe(traceReconciles(tracing, controller.name));
  const admission = serveAdmission(parts, controllers.routes);
  await Promise.all([waitForWatches(watches), ...controllers.mirrors.map((mirror) => mirror.ready)]);
  log.info({ identity: config.POD_NAME }, 'caches are filled');
  const leading = lead(parts, controllers);
  return {
    close: async () => {
      await handOver(parts, controllers, leading);
      await admission?.close();
      certificateWatch?.close();
      await close(parts, controllers, nats);
    },
  };
}

/** Waits for the lease, then works. */
async function lead({ config, log, leadership }: Parts, controllers: Controllers): Promise<boolean> {
  const isLeader = await leadership.elector.acquire().then(() => true, () => false);
  if (!isLeader) return false;
  await Promise.all(controllers.list.map((controller) => controller.start()));
  controllers.quarantine.start();
  controllers.farewells.start();
  // With the rights of one namespace it cannot see who else names what lies in the bucket.
  if (config.BOTPLANE_SCOPE === 'Cluster') controllers.bundles.start();
  log.info({ namespace: config.BOTPLANE_NAMESPACE }, 'operator works');
  return true;
}

/** Ends all work, then gives the lease back: first of all, so that the next operator need not wait for the rest. */
async function handOver({ leadership }: Parts, { list, events, quarantine, farewells, bundles }: Controllers, leading: Promise<boolean>): Promise<void> {
  await Promise.all([...list.map((controller) => controller.stop(HANDOVER_GRACE_MS)), Promise.race([Promise.all([quarantine.stop(), farewells.close(), bundles.close()]), sleep(HANDOVER_GRACE_MS, undefined, { ref: false })])]);
  await Promise.race([events.flush(), sleep(HANDOVER_GRACE_MS, undefined, { ref: false })]);
  await leadership.close();
  await leading;
}

interface Parts {
  config: Config;
  log: Log;
  metrics: MetricsPort;
  certificates: ReturnType<typeof certificateMetrics>;
  botMeter: BotMeter;
  leadership: Leadership;
  nats: Nats;
  client: K8sClient;
  namespaces: NamespaceLabels;
  watches: Watches;
  stores: Stores;
  artefacts: FencedArtefactStore;
  bundles: BundleStore;
  failpoints: Failpoints;
  compiler: Compiler;
  pods: RuntimePods;
  passports: Passports;
}

interface Controllers {
  list: Controller[];
  mirrors: { ready: Promise<void>; close(): Promise<void> }[];
  routes: WatchedBucket<RouteRecord>;
  events: EventRecorder;
  quarantine: Quarantine;
  farewells: Farewells;
  bundles: BundleSweep;
  gauges: NodeJS.Timeout;
  sums: RevisionSums;
}

function makeControllers(parts: Parts): Controllers {
  const { config, log, metrics, client, watches, stores } = parts;
  const events = new EventRecorder({ client, controller: 'botplane.dev/operator', instance: config.POD_NAME, logger: log, metrics });
  const sums = new RevisionSums(parts.nats, (entries) => parts.botMeter.add(entries));
  const prometheus = new Prometheus(config.BOTPLANE_PROMETHEUS_URL);
  const analyst = new Analyst({ sums: (botId, name) => sums.of(botId, name), query: (query) => prometheus.query(query), onAnswer: (key) => bot.enqueue(key), nowMs: Date.now });
  const botDeps = makeBotDeps(parts, events, analyst);
  const bot: Controller = makeBotController(botDeps, watches, metrics);
  const onError = (err: Error): void => log.warn({ err }, 'KV watch failed; it starts again');
  const routes: WatchedBucket<RouteRecord> = new WatchedBucket(stores.routes, {
    onError,
    onChange: (change) => {
      onRouteChange(bot, botDeps, change);
      onRoutedRevisions(revision, watches, change.key);
      onRoutedDedicated(runtime, watches, change.key);
    },
  });
  const quarantine = watchQuarantine(watches, { log, ask: (address) => parts.pods.quarantined(address), onFound: (found) => revision.enqueue(keyOf(found)) });
  const troubles = new PodTroubles((of, trouble) => {
    if (trouble) events.record(of, { type: 'Warning', reason: trouble.reason, action: 'MakePods', note: `dedicated pods cannot be made: ${trouble.message}` });
    revision.enqueue(keyOf(of));
  });
  const revision: Controller = makeRevisionController(makeRevisionDeps(parts, { routes, events, quarantine, troubles }), watches, metrics);
  const runtime: Controller = makeRuntimeController(makeRuntimeDeps(parts, { routes, troubles }), watches, metrics);
  const tokens = new WatchedBucket<TokenClaim>(stores.tokens, { onError, onChange: (change) => onClaimChange(bot, botDeps, change) });
  const directory = new WatchedBucket<RuntimeRecord>(stores.runtimes, { onError, onChange: ({ key }) => onRuntimeRecord(runtime, key) });
  const list = [bot, revision, runtime];
  const gauges = setInterval(() => list.forEach(({ queue }) => queue.publishGauges()), QUEUE_GAUGES_MS).unref();
  return { list, mirrors: [routes, tokens, directory], routes, events, quarantine, farewells: new Farewells(botDeps, onError), bundles: makeBundleSweep(parts), gauges, sums };
}

const makeBundleSweep = ({ artefacts, watches, log }: Parts): BundleSweep => new BundleSweep({ artefacts, bots: watches.bots.store, revisions: watches.revisions.store, log, nowMs: Date.now });

/** Only where the install gave it a port. */
function serveAdmission({ config, log, certificates, client, compiler, bundles }: Parts, routes: WatchedBucket<RouteRecord>): ReturnType<typeof startAdmission> | undefined {
  const { BOTPLANE_ADMISSION_PORT: port, BOTPLANE_ADMISSION_URL: url, BOTPLANE_ADMISSION_SERVICE: name, BOTPLANE_NAMESPACE: namespace, HOST: host } = config;
  if (port === undefined) return undefined;
  const address = url === undefined ? { service: { namespace, name, port: 443 } } : { url };
  return startAdmission({ client, log, onCertificate: (notAfterSeconds) => certificates.set({ certificate: 'admission' }, notAfterSeconds), namespace, host, port, address, compile: (job) => compiler.compile(job), readSource: (from, source) => readSource({ client, bundles }, from, source), routeOf: (botId) => routes.get(botId)?.value });
}

function makeBotDeps({ config, log, leadership, nats, artefacts, client, namespaces, watches, stores, passports, failpoints }: Parts, events: EventRecorder, analyst: Analyst): BotDeps {
  return {
    client, analyst, conversations: new Conversations(nats), purge: makePurge(nats, artefacts, leadership.elector.assertLeader), stores, passports, events, failpoints, log, telegram: new Telegram(config.BOTPLANE_TELEGRAM_API, leadership.elector.assertLeader), fresh: new FreshObjects(), digests: new ContentDigests(), progress: new Progress(), acceptedTokens: new LRUCache({ max: IDENTITIES_MAX, ttl: IDENTITY_MS_MAX }), rolloutClocks: new RolloutClocks(), webhookChecks: new WebhookChecks(config.BOTPLANE_WEBHOOK_CHECK_S * 1_000), nowMs: Date.now,
    abandoned: new Map(), buried: new Set(), bots: watches.bots.store, revisions: watches.revisions.store, runtimes: watches.runtimes.store, namespaces,
    readyPods: (key) => listPods(watches.pods.store.byIndex('runtime', key)).length, secrets: watches.secrets.store, configMaps: watches.configMaps.store,
    settings: {
      namespace: config.BOTPLANE_NAMESPACE, onlyNamespace: config.BOTPLANE_SCOPE === 'Namespace' ? config.BOTPLANE_NAMESPACE : undefined, telegramApi: config.BOTPLANE_TELEGRAM_API, webhookUrl: config.BOTPLANE_WEBHOOK_URL,
      tokenInstallKey: readInstallKey(config.BOTPLANE_TOKEN_KEY_FILE), cleanupMsMax: config.BOTPLANE_CLEANUP_S_MAX * 1_000,
    },
  };
}

function makeRevisionDeps({ config, log, client, namespaces, watches, stores, artefacts, bundles, compiler, pods, passports, failpoints }: Parts, { routes, events, quarantine, troubles }: Pick<Controllers, 'routes' | 'events' | 'quarantine'> & { troubles: PodTroubles }): RevisionDeps {
  return {
    client, stores, artefacts, bundles, compiler, pods, passports, failpoints, events, quarantine, log, fresh: new FreshObjects(), nowMs: Date.now,
    revisions: watches.revisions.store, bots: watches.bots.store, runtimes: watches.runtimes.store, namespaces, secrets: watches.secrets.store,
    readyPods: (key) => listPods(watches.pods.store.byIndex('runtime', key)),
    holds: new ArtefactHolds(), podTroubleOf: (key) => troubles.of(key),
    isRouted: (botId, revision) => routes.get(botId)?.value.revisions[revision] !== undefined,
    verdicts: { published: new Map(), proofs: new Map() },
    settings: { namespace: config.BOTPLANE_NAMESPACE, secretsInstallKey: readInstallKey(config.BOTPLANE_SECRETS_KEY_FILE), cleanupMsMax: config.BOTPLANE_CLEANUP_S_MAX * 1_000 },
  };
}

function makeRuntimeDeps({ config, log, client, namespaces, watches, stores }: Parts, { routes, troubles }: Pick<Controllers, 'routes'> & { troubles: PodTroubles }): RuntimeDeps {
  return {
    client, stores, log, troubles, fresh: new FreshObjects(), nowMs: Date.now,
    runtimes: watches.runtimes.store, namespaces, deployments: watches.deployments.store, autoscalers: watches.autoscalers.store, pods: watches.pods.store, bots: watches.bots.store, revisions: watches.revisions.store,
    isRouted: (botId, revision) => routes.get(botId)?.value.revisions[revision] !== undefined,
    settings: { namespace: config.BOTPLANE_NAMESPACE, image: config.BOTPLANE_RUNTIME_IMAGE, logLevel: config.BOTPLANE_RUNTIME_LOG_LEVEL, ...(config.RUNTIME_CA_FILE === undefined ? {} : { clientCa: readClientAuthority(config.RUNTIME_CA_FILE) }) },
  };
}

async function close({ client, watches, compiler, pods, artefacts }: Parts, { mirrors, gauges, sums }: Controllers, nats: Nats): Promise<void> {
  clearInterval(gauges);
  sums.close();
  await Promise.all(mirrors.map((mirror) => mirror.close()));
  await stopWatches(watches);
  await compiler.close();
  pods.close();
  artefacts.close();
  await nats.connection.close();
  await client.close();
}
