import { LIBRARY, nameOf } from './global.ts';
import { flag, group, kubernetesObject, kubernetesObjects, oneOf, text, textMap, whole } from './node.ts';
import type { Group, ValueNode } from './node.ts';
import { placement, serviceImage } from './service.ts';
import type { ServiceValues } from './service.ts';

const image = (repository: string, tag: string): ValueNode => group('Its image.', {
  repository: text('Repository, registry included.', repository, { minLength: 1 }),
  tag: text('Tag.', tag, { minLength: 1 }),
  pullPolicy: oneOf('When it is pulled.', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never']),
  command: { kind: 'leaf', description: 'Command, where the image\'s own is not the server.', fallback: [], schema: { type: 'array', items: { type: 'string' } } },
});

/** What the servers that this chart can install have in common. */
const server = (user: number, size: string, memory: string): Record<string, ValueNode> => ({
  user: whole('User id of the process.', user, 1, 65_535),
  storage: group('Its volume.', {
    size: text('Size.', size, { pattern: '^[0-9]+(Mi|Gi|Ti)$' }),
    className: text('Storage class. Empty: the cluster\'s default.'),
    ephemeral: flag('Keep everything in the pod; it is gone with it.', false),
  }),
  resources: kubernetesObject('Requests and limits.', { requests: { cpu: '100m', memory }, limits: { memory: '1Gi' } }),
});

const BACKUP = group('Backups of NATS, PostgreSQL and the object store by a CronJob, while the install works (docs/backup.md).', {
  enabled: flag('Make it.', false),
  schedule: text('When, as cron says it, in UTC.', '17 3 * * *', { minLength: 1 }),
  keep: whole('Whole backups that stay on the volume; older ones are removed. It needs room for one more.', 7, 1, 1_000),
  parts: {
    kind: 'leaf', description: 'What is saved. Leave out what is backed up elsewhere, e.g. `postgres` by CloudNativePG.', fallback: ['nats', 'postgres', 's3'],
    schema: { type: 'array', minItems: 1, uniqueItems: true, items: { enum: ['nats', 'postgres', 's3'] } },
  },
  hoursMax: whole('Hours after which a backup that has not ended is given up, and what it wrote goes with the next one.', 6, 1, 168),
  storage: group('The volume. It holds what people wrote: encrypt it, and have a copy of it away from the cluster.', {
    claimName: nameOf('A PersistentVolumeClaim of yours. Empty: the chart makes `botplane-backup`, and keeps it when it is uninstalled.'),
    size: text('Size of the claim that the chart makes: `keep` + 1 backups.', '20Gi', { pattern: '^[0-9]+(Mi|Gi|Ti)$' }),
    className: text('Its storage class. Empty: the cluster\'s default.'),
  }),
  image: serviceImage('Image, where it is not the one of `global.image`.'),
  resources: kubernetesObject('Requests and limits.', { requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '64Mi' }, limits: { memory: '1Gi', 'ephemeral-storage': '512Mi' } }),
  ...placement(),
});

/** Values of the umbrella chart: the shared ones, what it makes itself, and one part per service. */
export function umbrellaValues(global: Group, services: readonly ServiceValues[]): Group {
  return group('Botplane.', {
    global,
    runtime: RUNTIME,
    nats: group('NATS in the cluster, for `global.nats.install`. Every write is on disk before it is acknowledged.', {
      replicas: { kind: 'leaf', description: '1 for trials, 3 for a cluster; not less than `global.nats.streamReplicas`.', fallback: 3, schema: { enum: [1, 3, 5] } },
      image: image('docker.io/library/nats', '2.15.2'),
      ...server(65_532, '10Gi', '256Mi'),
    }),
    postgres: group('PostgreSQL in the cluster, for `global.postgres.install`: one pod without a backup, for trials.', {
      image: image('docker.io/library/postgres', '18-alpine'),
      ...server(70, '5Gi', '128Mi'),
    }),
    s3: group('An S3 service in the cluster, for `global.s3.install`: one pod without a backup, for trials.', {
      image: image('docker.io/versity/versitygw', 'v1.8.0'),
      ...server(65_532, '5Gi', '64Mi'),
    }),
    backup: BACKUP,
    common: LIBRARY,
    ...Object.fromEntries(services.map(({ name, description }) => [name, part(name, description)])),
  });
}

/** A service's own chart checks the inside; here are only changes of its defaults. */
const part = (name: string, description: string): ValueNode => ({
  kind: 'leaf', description: `${description} Its values stand in charts/${name}/values.yaml.`, fallback: {}, schema: { type: 'object' },
});

const RUNTIME = group('The pool of runtime pods that bots use when they name none: a BotRuntime object. The chart botplane-crds must be installed.', {
  enabled: flag('Make it.', true),
  replicas: whole('Number of pods, while nothing scales them.', 1, 0, 1_000),
  autoscaling: group('What sets the number of pods.', {
    type: oneOf('None: `replicas`. CPU: use of processors. External: a metric that an adapter offers to Kubernetes.', 'None', ['None', 'CPU', 'External']),
    minReplicas: whole('Fewest pods.', 2, 1, 1_000),
    maxReplicas: whole('Most pods.', 10, 1, 1_000),
    cpuPercent: whole('CPU: percent of the requested processors that pods should use.', 70, 1, 1_000),
    lagPerReplica: whole('External: value of the metric per pod that is worth another pod.', 100, 1, 1_000_000),
    scaleDownSeconds: whole('The number must have been too high for so long before it falls.', 120, 0, 3_600),
    external: group('For type External.', {
      metricName: text('Name of the metric.', 'botplane_lag', { minLength: 1 }),
      selector: textMap('Its labels.'),
    }),
  }),
  allowedNamespaces: oneOf('All: Bots of every namespace may use it. Same: those of the install\'s namespace.', 'All', ['All', 'Same']),
  sandbox: kubernetesObject('Limits of the sandboxes: `hosts`, `liveMax`, `idleSeconds`, `memoryMiB`, `cpuMs` (kubectl explain botruntime.spec.sandbox).'),
  template: kubernetesObject('What may be set on the pods (kubectl explain botruntime.spec.template).', { resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } } }),
  extraRuntimes: kubernetesObjects('Further pools: a list of `{name, spec}` of BotRuntimes.'),
});
