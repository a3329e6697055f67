import { AGE_COLUMN, conditionColumn, fields, integer, listOf, mapOf, open, text } from './schema.ts';
import type { CrdSchema, KindDefinition } from './schema.ts';
import { conditions, objectName, observedGeneration } from './shared.ts';

const quantity: CrdSchema = { 'x-kubernetes-int-or-string': true, pattern: '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$' };

const resources = fields('Resources of the runtime container.', {
  requests: mapOf('What a node must have free, e.g. cpu: 250m, memory: 256Mi.', quantity, 8),
  limits: mapOf('What the container may use at most.', quantity, 8),
});

const toleration = fields('A taint that pods accept.', {
  key: text('Key of the taint; empty with operator Exists: all.', { maxLength: 316 }),
  operator: text('Exists or Equal (default).', { enum: ['Exists', 'Equal'] }),
  value: text('Value of the taint, with Equal.', { maxLength: 63 }),
  effect: text('Effect of the taint; empty: all effects.', { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] }),
  tolerationSeconds: { type: 'integer', format: 'int64', description: 'How long a NoExecute taint is tolerated, in seconds.' },
});

const template = fields('What may be set on the pods. Image, command, environment, volumes and security settings are the operator\'s.', {
  labels: mapOf('Further labels of the pods.', { type: 'string', maxLength: 63 }, 32),
  annotations: mapOf('Further annotations of the pods.', { type: 'string', maxLength: 4096 }, 32),
  resources,
  nodeSelector: mapOf('Labels that a node must have.', { type: 'string', maxLength: 63 }, 32),
  tolerations: listOf('Taints that pods accept.', toleration, 32),
  affinity: open('Affinity, as in a PodSpec.'),
  priorityClassName: objectName('Name of a PriorityClass.'),
  imagePullSecrets: listOf('Secrets with which the image is pulled.', fields('One Secret.', { 'name!': objectName('Name of the Secret.') }), 8),
});

const sandbox = fields('Limits of the sandboxes in each pod.', {
  hosts: integer('Sandbox host processes per pod; a bot lives in one of them. Left out: one per core, at most 8.', { minimum: 1, maximum: 64 }),
  liveMax: integer('Sandboxes alive at once per pod, about 4 MiB each; the least recently used one goes first.', { minimum: 1, maximum: 2000, default: 300 }),
  idleSeconds: integer('A sandbox without work is removed after this many seconds.', { minimum: 1, maximum: 86400, default: 900 }),
  memoryMiB: integer('Memory of one sandbox in MiB, where the revision names none.', { minimum: 8, maximum: 256, default: 32 }),
  cpuMs: integer('CPU time of one step in milliseconds, where the revision names none.', { minimum: 5, maximum: 1000, default: 100 }),
});

const allowedNamespaces = fields('Which Bots may use the pool.', {
  from: text('Same (default): Bots of the BotRuntime\'s own namespace only. All: Bots of every namespace.', { enum: ['Same', 'All'], default: 'Same' }),
});

const spec = fields('What the pool should be.', {
  replicas: integer('Number of pods. Leave it out of Git when an autoscaler sets it through the scale subresource.', { minimum: 0, maximum: 1000, default: 1 }),
  allowedNamespaces: { ...allowedNamespaces, default: {} },
  sandbox: { ...sandbox, default: {} },
  template,
});

const status = fields('What the pool is. Written by the operator only.', {
  observedGeneration,
  replicas: integer('Pods that exist.', { minimum: 0 }),
  readyReplicas: integer('Pods that are ready and published to executors.', { minimum: 0 }),
  selector: text('Label selector of the pods, as text: autoscalers need it.', { maxLength: 1024 }),
  conditions: conditions('Ready: all pods run this generation. Available: at least one pod is ready. Reconciling, Stalled: as everywhere.'),
});

/** BotRuntime: a pool of pods that run bots. */
export const BOT_RUNTIME: KindDefinition = {
  kind: 'BotRuntime',
  plural: 'botruntimes',
  singular: 'botruntime',
  shortNames: ['botrt'],
  description: 'BotRuntime is a pool of pods that run bots in sandboxes. The pods hold no credentials and reach nothing; bots share them, each in a sandbox of its own.',
  spec,
  status,
  rules: [{ rule: 'size(self.metadata.name) <= 40', message: 'metadata.name must have at most 40 characters' }],
  columns: [
    conditionColumn('Ready', 'Ready'),
    { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Pods', type: 'integer', jsonPath: '.status.replicas' },
    { name: 'ReadyPods', type: 'integer', jsonPath: '.status.readyReplicas' },
    conditionColumn('Available', 'Available'),
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
    AGE_COLUMN,
  ],
  selectableFields: [],
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
};
