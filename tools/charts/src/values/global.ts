import { flag, group, kubernetesObject, kubernetesObjects, oneOf, text, textMap, texts, whole } from './node.ts';

const NAME = { maxLength: 253, pattern: '^$|^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$' } as const;
/** A value that names a Kubernetes object. */
export const nameOf = (description: string, fallback = '') => text(description, fallback, NAME);

/** Helm hands every chart that uses the library a part of this name. */
export const LIBRARY = kubernetesObject('Of the library chart; it has no values.');

/** Values that all services of an install share. */
export const GLOBAL = group('What all services share.', {
  image: group('Where images come from.', {
    registry: text('Registry in front of every repository, e.g. `registry.example.com`. Empty: the cluster\'s default.'),
    repository: text('Folder of our images; a service is `<repository>/<name>`.', 'botplane'),
    tag: text('Tag of our images. Empty: the version of the chart.'),
    pullPolicy: oneOf('When images are pulled.', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never']),
    pullSecrets: texts('Names of Secrets for the registry.'),
  }),
  logLevel: oneOf('What is logged at least; a service may say otherwise.', 'info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
  webhook: group('How Telegram reaches ingress.', {
    host: text('Public host name, e.g. `bots.example.com`. Needed unless `url` is set or the simulator plays Telegram.', '', NAME),
    url: text('Public root, where it is not `https://<host>`.', '', { pattern: '^$|^https?://[^/]+(/.*[^/])?$' }),
  }),
  telegramApi: text('Root of the Bot API.', 'https://api.telegram.org', { pattern: '^https?://[^/]+(/.*[^/])?$' }),
  simulator: group('A Bot API server of our own, for trials and tests.', {
    enabled: flag('Install it and let all bots talk to it instead of Telegram.', false),
  }),
  keys: group('The install keys: they seal bot tokens and secretRefs values in NATS. Losing them means that tokens are read from their Secrets again.', {
    secretName: text('Secret with `token-key` and `secrets-key` (32 random bytes as base64 each) and `api-admin-key` (`bp_<16 of 0-9a-z>_<43 or more of A-Za-z0-9_->`).', 'botplane-keys', { ...NAME, minLength: 1 }),
    generate: flag('Make that Secret when it is missing, and keep it. Not for GitOps, which renders without looking at the cluster.', false),
  }),
  nats: group('NATS with JetStream.', {
    install: flag('Install it with this chart (see `nats`).', false),
    url: text('One or more servers, separated by commas: `nats://nats.example:4222`.', '', { pattern: '^$|^(nats|tls)://' }),
    streamReplicas: whole('Copies of each stream and bucket: 3 with a NATS cluster, else 1. The same for all services of an install.', 3, 1, 5),
    credentialsSecret: group('User credentials (`nats creds`).', {
      name: nameOf('Name of the Secret; empty: none.'),
      key: text('Its key.', 'nats.creds', { minLength: 1 }),
    }),
  }),
  tls: group('TLS between the services and NATS, and to the runtime pods (docs/tls.md). PostgreSQL and the object store have theirs in their URLs.', {
    mode: oneOf('None: plain text. CertManager: certificates of cert-manager, which must be installed. Provided: Secrets of yours.', 'None', ['None', 'CertManager', 'Provided']),
    clientSecretName: nameOf('Secret with `ca.crt`, `tls.crt` and `tls.key` of the services as clients. CertManager makes it.', 'botplane-client-tls'),
    natsSecretName: nameOf('Secret with `ca.crt`, `tls.crt` and `tls.key` of the NATS that this chart installs. CertManager makes it.', 'botplane-nats-tls'),
    issuer: group('CertManager: who signs. It must sign for Botplane alone: whoever has a certificate of it may call runtime pods.', {
      name: nameOf('Name. Empty: the chart makes an authority of its own.'),
      kind: oneOf('Kind.', 'Issuer', ['Issuer', 'ClusterIssuer']),
    }),
    days: whole('CertManager: days that a certificate holds; it is renewed after two thirds of them.', 90, 1, 3_650),
  }),
  s3: group('An object store that knows `If-None-Match: *` on puts.', {
    install: flag('Install one with this chart, for trials (see `s3`).', false),
    endpoint: text('Its root: `https://s3.example.com`.', '', { pattern: '^$|^https?://' }),
    region: text('Region of the bucket.', 'us-east-1', { minLength: 1 }),
    bucket: text('Bucket of the artefacts; it must exist.', 'botplane', { minLength: 3 }),
    secret: group('Its keys.', {
      name: nameOf('Name of the Secret.'),
      accessKey: text('Key in the Secret that holds the access key.', 'accessKey', { minLength: 1 }),
      secretKey: text('Key in the Secret that holds the secret key.', 'secretKey', { minLength: 1 }),
    }),
  }),
  postgres: group('PostgreSQL, for the api.', {
    install: flag('Install one with this chart, for trials (see `postgres`).', false),
    port: whole('Its port, for the network policy.', 5432, 1, 65_535),
    secret: group('Its URL, as CloudNativePG writes it.', {
      name: nameOf('Name of the Secret.'),
      key: text('Key in the Secret that holds `postgresql://user:password@host:port/database`.', 'uri', { minLength: 1 }),
    }),
  }),
  networkPolicy: group('Who reaches whom (docs/flows.md). What is not named here is refused.', {
    enabled: flag('Make NetworkPolicies.', true),
    monitoring: kubernetesObjects('Peers that may read metrics; of runtime pods always those in namespaces with the label `botplane.dev/monitoring: "true"`.', [{ namespaceSelector: { matchLabels: { 'botplane.dev/monitoring': 'true' } } }]),
    dns: kubernetesObjects('Peers that answer DNS.', [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }]),
    nats: kubernetesObjects('Peers that are NATS, when it is elsewhere. Empty: any address on its port.'),
    s3: kubernetesObjects('Peers that are the object store, when it is elsewhere. Empty: any address on its port.'),
    postgres: kubernetesObjects('Peers that are PostgreSQL, when it is elsewhere. Empty: any address on its port.'),
    collector: kubernetesObjects('Peers that take traces. Empty: any address on its port.'),
    telegram: kubernetesObjects('Peers that are the Bot API. Empty: public addresses.'),
    kubernetes: group('kube-apiserver, which no selector matches.', {
      peers: kubernetesObjects('Its addresses. Empty: any address on its ports.'),
      ports: { kind: 'leaf', description: 'Its ports.', fallback: [443, 6443], schema: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 65_535 } } },
    }),
    internetPorts: { kind: 'leaf', description: 'Ports of public addresses that apiCall steps may reach.', fallback: [443], schema: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65_535 } } },
  }),
  monitoring: group('For the Prometheus operator and Grafana; profiles/monitoring.yaml switches all of it on.', {
    monitors: group('A ServiceMonitor per service and a PodMonitor of the runtime pods.', {
      enabled: flag('Make them. A service that nobody calls by name gets a headless Service for them.', false),
      interval: text('How often metrics are read.', '15s', { pattern: '^[0-9]+(ms|s|m)$' }),
      labels: textMap('Labels by which your Prometheus finds them.'),
    }),
    runbooksUrl: text('Where the runbooks are published, for links in alerts and dashboards.', 'docs/runbooks', { minLength: 1, pattern: '[^/]$' }),
    rules: group('A PrometheusRule: alerts with runbooks, and common names over all services.', {
      enabled: flag('Make it.', false),
      labels: textMap('Labels by which your Prometheus finds it.'),
    }),
    dashboards: group('A ConfigMap per Grafana dashboard.', {
      enabled: flag('Make them.', false),
      labels: textMap('Labels by which the sidecar of your Grafana finds them.', { grafana_dashboard: '1' }),
      annotations: textMap('Annotations, e.g. `grafana_folder`.'),
    }),
  }),
  tracing: group('Traces of updates, reconciles and api requests, for a collector that takes OTLP over HTTP (docs/tracing.md).', {
    endpoint: text('Its root: `http://collector.observability:4318`. Empty: nothing is recorded.', '', { pattern: '^$|^https?://[^/]+(/.*[^/])?$' }),
    sampler: oneOf('Which traces are recorded that begin here.', 'parentbased_traceidratio', ['parentbased_traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'traceidratio', 'always_on', 'always_off']),
    ratio: text('Share of them, for samplers with a ratio, from 0 to 1.', '0.1', { pattern: '^(0(\\.[0-9]+)?|1(\\.0+)?)$' }),
    headersSecret: group('Headers for the collector, such as its key.', {
      name: nameOf('Name of the Secret; empty: none.'),
      key: text('Key in the Secret that holds `name=value,name=value`, percent-encoded.', 'headers', { minLength: 1 }),
    }),
    resourceAttributes: textMap('Further attributes of every process, e.g. `deployment.environment.name: production`.'),
  }),
  helmTest: group('`helm test`.', {
    enabled: flag('Make the test pod\'s parts: with the simulator it applies a bot, talks to it and deletes it, else it asks each service whether it is ready.', true),
  }),
});
