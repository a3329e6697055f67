import { closedItem, flag, group, items, kubernetesObjects, oneOf, text, textMap, texts, whole } from './node.ts';
import { serviceImage } from './service.ts';
import type { ServiceValues } from './service.ts';

/** Partitions of UPDATES: more executors than that would have nothing to own. */
const UPDATES_PARTITIONS = 64;
/** Partitions of OUTBOUND. */
const OUTBOUND_PARTITIONS = 16;

/** Every service with a chart of its own. */
export const SERVICES: readonly ServiceValues[] = [
  {
    name: 'operator',
    description: 'Makes of Bot, BotRevision and BotRuntime objects what people talk to.',
    resources: { cpu: '100m', memory: '256Mi', memoryMax: '768Mi' },
    preStopSeconds: 0,
    replicasMax: 5,
    isLed: true,
    own: {
      scope: oneOf('Cluster: Bots of every namespace. Namespace: only those of the install\'s namespace, without rights beyond it and without the validating webhook.', 'Cluster', ['Cluster', 'Namespace']),
      rbac: group('Rights.', {
        create: flag('Make the operator\'s roles and their bindings.', true),
        aggregate: flag('Let the cluster\'s roles view and edit cover Bots and BotRevisions, and make the role `botplane-admin` for runtimes. Scope Cluster only.', true),
      }),
      admission: group('The validating webhook: `kubectl apply` tells what the compiler would say later.', {
        enabled: flag('Serve and register it. Scope Cluster only.', true),
      }),
      runtimeImage: serviceImage('Image of runtime pods, where it is not the one of `global.image`.'),
      prometheus: group('Prometheus that `rollout.analysis` of Bots may ask.', {
        url: text('Its root: `http://prometheus.monitoring:9090`. Empty: such queries have no answer.', '', { pattern: '^$|^https?://' }),
        peers: kubernetesObjects('Peers that are it, for the network policy. Empty: those of `global.networkPolicy.monitoring`.'),
      }),
      botMetricsMax: whole('Bots of which metrics are told by name, at most; each is some 25 series. 0: none, and the dashboard of one bot is empty.', 1_000, 0, 100_000),
      webhookCheckSeconds: whole('How often the webhook of each bot is looked at.', 600, 1, 86_400),
      cleanupSecondsMax: whole('How long a deleted Bot stays while its clean-up fails.', 60, 1, 3_600),
    },
  },
  {
    name: 'ingress',
    description: 'Takes updates from Telegram.',
    resources: { cpu: '100m', memory: '192Mi', memoryMax: '512Mi' },
    preStopSeconds: 5,
    replicasMax: 100,
    own: {
      polling: flag('Poll bots with `updates: Polling`; without it this service sees no token.', true),
      updateSources: texts('Networks that may send updates, e.g. `telegram` and `10.0.0.0/8`. Empty: everybody who knows the secret.'),
      trustedProxies: texts('Networks whose X-Forwarded-For is believed.'),
      updatesPerSecondMax: whole('Updates of one bot that one pod takes per second.', 5_000, 1, 1_000_000),
      from: kubernetesObjects('Peers that may call the webhooks. Empty: everybody.'),
      expose: group('The way in from outside, for `global.webhook.host`.', {
        ingress: group('An Ingress.', {
          enabled: flag('Make it.', false),
          className: text('Its class. Empty: the cluster\'s default.'),
          annotations: textMap('Its annotations, e.g. `cert-manager.io/cluster-issuer`.'),
          tlsSecretName: text('Secret with the certificate; cert-manager fills it.', 'botplane-webhook-tls', { minLength: 1 }),
        }),
        gateway: group('Gateway API.', {
          enabled: flag('Make an HTTPRoute.', false),
          create: flag('Make the Gateway, too.', false),
          className: text('Class of that Gateway; needed with `create`.'),
          annotations: textMap('Annotations of that Gateway, e.g. `cert-manager.io/cluster-issuer`.'),
          tlsSecretName: text('Secret with the certificate of that Gateway.', 'botplane-webhook-tls', { minLength: 1 }),
          parentRefs: kubernetesObjects('Gateways that the route belongs to, where the chart does not make one.'),
        }),
      }),
    },
  },
  {
    name: 'executor',
    description: 'Runs updates: in order per chat, each effect once.',
    resources: { cpu: '250m', memory: '256Mi', memoryMax: '768Mi' },
    preStopSeconds: 0,
    replicasMax: UPDATES_PARTITIONS,
    lag: { perReplica: 200 },
    own: {
      updatesRunningMax: whole('Updates that one pod works on at the same time.', 512, 1, 10_000),
      egressRoutes: items('Names that bots may call although they lead to private addresses: `{host: shop.example, to: "http://shop.shop.svc"}`. Allow the target in `networkPolicy.egress`, too.', [], closedItem({
        host: { type: 'string', pattern: '^[a-z0-9.-]+(:\\d{1,5})?$' }, to: { type: 'string', pattern: '^https?://' },
      })),
    },
  },
  {
    name: 'delivery',
    description: 'Sends Bot API calls to Telegram, within its limits.',
    resources: { cpu: '100m', memory: '192Mi', memoryMax: '512Mi' },
    preStopSeconds: 0,
    replicasMax: OUTBOUND_PARTITIONS,
    lag: { perReplica: 500 },
    own: {
      bulkPerSecond: whole('Messages per second and bot on the bulk lane; Telegram allows about 30.', 25, 1, 30),
    },
  },
  {
    name: 'api',
    description: 'REST for people who run the platform: campaigns, dead letters, kept messages, keys, audit.',
    resources: { cpu: '100m', memory: '256Mi', memoryMax: '512Mi' },
    preStopSeconds: 5,
    replicasMax: 50,
    own: {
      from: kubernetesObjects('Peers that may call it; it asks everybody for a key. Empty: nobody but those of `networkPolicy.ingress`.', [{ namespaceSelector: {} }]),
    },
  },
  {
    name: 'simulator',
    description: 'A Bot API server for trials and tests, and the chat playground.',
    resources: { cpu: '50m', memory: '192Mi', memoryMax: '512Mi' },
    preStopSeconds: 0,
    replicasMax: 1,
    own: {
      bots: items('Bots that are known at start.', [], closedItem({ token: { type: 'string', minLength: 1 }, username: { type: 'string', minLength: 4 }, privacy: { type: 'boolean' } }, ['token'])),
    },
  },
];
