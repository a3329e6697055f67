import { AGE_COLUMN, conditionColumn, fields, integer, listOf, mapOf, open, telling, text } from './schema.ts';
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

const requirement = fields('One condition on a label.', {
  'key!': text('Key of the label.', { minLength: 1, maxLength: 316 }),
  'operator!': text('In and NotIn compare with values; Exists and DoesNotExist do not.', { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] }),
  values: listOf('Values to compare with.', { type: 'string', maxLength: 63 }, 16),
}, { 'x-kubernetes-validations': [{ rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)", ...telling('In and NotIn need values, Exists and DoesNotExist take none', "', but operator is ' + self.operator + (has(self.values) && size(self.values) > 0 ? ' and values are given' : ' and values are left out')") }] });

const allowedNamespaces = fields('Which Bots may use the pool.', {
  from: text('Same (default): Bots of the BotRuntime\'s own namespace only. All: Bots of every namespace. Selector: Bots of the namespaces that selector matches, and of its own.', { enum: ['Same', 'All', 'Selector'], default: 'Same' }),
  selector: fields('With from: Selector, labels of the namespaces. All conditions must hold.', {
    matchLabels: mapOf('Labels that a namespace must have.', { type: 'string', maxLength: 63 }, 16),
    matchExpressions: listOf('Conditions on labels of a namespace.', requirement, 16),
  }),
}, { 'x-kubernetes-validations': [{ rule: "(has(self.from) && self.from == 'Selector') == has(self.selector)", ...telling('selector is given with from: Selector, and only then', "', but from is ' + (has(self.from) ? self.from : 'Same') + (has(self.selector) ? ' and selector is given' : ' and selector is left out')") }] });

const autoscaling = fields('Who sets spec.replicas. Whoever it is, leave spec.replicas out of Git.', {
  type: text('None (default): you do. CPU: a HorizontalPodAutoscaler that the operator makes, against the scale subresource; it needs the metrics API. External: an autoscaler of yours (KEDA, an HPA), against the scale subresource.', { enum: ['None', 'CPU', 'External'], default: 'None' }),
  min: integer('With CPU: the fewest pods.', { minimum: 1, maximum: 1000 }),
  max: integer('With CPU: the most pods.', { minimum: 1, maximum: 1000 }),
  targetPercent: integer('With CPU: how busy pods should be on average, in percent of what they request (default 70).', { minimum: 5, maximum: 500 }),
}, {
  'x-kubernetes-validations': [
    { rule: "has(self.type) && self.type == 'CPU' ? has(self.max) : !has(self.min) && !has(self.max) && !has(self.targetPercent)", ...telling('type CPU needs max; min, max and targetPercent are for type CPU only', "', but type is ' + (has(self.type) ? self.type : 'None') + (has(self.max) ? ' and max is given' : ' and max is left out')") },
    { rule: '!has(self.max) || (has(self.min) ? self.min : 1) <= self.max', message: 'max must not be below min, which is 1 where it is left out', fieldPath: '.max' },
  ],
});

const spec = fields('What the pool should be.', {
  replicas: integer('Number of pods. Leave it out of Git when an autoscaler sets it through the scale subresource.', { minimum: 0, maximum: 1000, default: 1 }),
  allowedNamespaces: { ...allowedNamespaces, default: {} },
  autoscaling: { ...autoscaling, default: {} },
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
  rules: [{ rule: 'size(self.metadata.name) <= 40', ...telling('metadata.name must have at most 40 characters', "', not ' + self.metadata.name") }],
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
