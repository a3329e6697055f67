import { LIBRARY } from './global.ts';
import { flag, group, kubernetesObject, kubernetesObjects, oneOf, text, textMap, whole } from './node.ts';
import type { Group, ValueNode } from './node.ts';

/** What differs from one service to the next. */
export interface ServiceValues {
  readonly name: string;
  /** One sentence for Chart.yaml and tables. */
  readonly description: string;
  readonly resources: { readonly cpu: string; readonly memory: string; readonly memoryMax: string };
  /** Seconds of preStop; 0 for services that nobody calls: they give back what they own at once. */
  readonly preStopSeconds: number;
  /** Most replicas that can share the work; 1: the service cannot be scaled. */
  readonly replicasMax: number;
  /** One of its pods works and the others stand by: scaling it with the load would be of no use. */
  readonly isLed?: boolean;
  /** Work that waits for it, as the api's `/lag` names it. */
  readonly lag?: { readonly perReplica: number };
  /** Values that only this service has. */
  readonly own?: Readonly<Record<string, ValueNode>>;
}

/** Total time a service may take to end, seconds. */
const SHUTDOWN_SECONDS = 20;

/** All values of one service. */
export function serviceValues(service: ServiceValues, global: Group): Group {
  const { name, description, resources, preStopSeconds, replicasMax, isLed = false } = service;
  return group(description, {
    enabled: flag(`Install ${name}.`, true),
    ...service.own,
    replicas: whole(isLed ? 'Number of pods: one leads, the others stand by.' : 'Number of pods, while nothing scales them.', 1, 0, replicasMax),
    ...(replicasMax > 1 && !isLed ? { autoscaling: autoscaling(service) } : {}),
    disruptionBudget: group('How many pods a drain may take at once.', {
      enabled: flag('Make a PodDisruptionBudget.', true),
      maxUnavailable: whole('Pods that may be away.', 1, 1, 64),
    }),
    image: serviceImage('Image of the service, where it is not the one of `global.image`.'),
    logLevel: oneOf('What is logged at least. Empty: `global.logLevel`.', '', ['', 'trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    resources: kubernetesObject('Requests and limits.', { requests: { cpu: resources.cpu, memory: resources.memory, 'ephemeral-storage': '64Mi' }, limits: { memory: resources.memoryMax, 'ephemeral-storage': '512Mi' } }),
    shutdown: group('How a pod ends; its grace time is the sum and 5 s more.', {
      preStopSeconds: whole('Seconds between leaving the endpoints and SIGTERM.', preStopSeconds, 0, 60),
      maxSeconds: whole('Seconds the service has to end.', SHUTDOWN_SECONDS, 1, 600),
    }),
    topologySpread: spread(),
    ...placement(),
    podLabels: textMap('Further labels of the pods.'),
    podAnnotations: textMap('Further annotations of the pods.'),
    extraEnv: kubernetesObjects('Further environment variables.'),
    serviceAccount: group('Service account of the pods.', {
      create: flag('Make it.', true),
      name: text('Its name. Empty: the name of the service.'),
      annotations: textMap('Its annotations.'),
    }),
    networkPolicy: group('Further rules of its NetworkPolicy.', {
      ingress: kubernetesObjects('Rules for who may come in.'),
      egress: kubernetesObjects('Rules for what it may reach, e.g. the targets of egress routes.'),
    }),
    global,
    common: LIBRARY,
  });
}

/** Which image of ours; `common.image` puts it together. */
export const serviceImage = (description: string): Group => group(description, {
  repository: text('Repository without registry.'),
  tag: text('Tag.'),
  digest: text('Digest, instead of a tag.', '', { pattern: '^$|^sha256:[0-9a-f]{64}$' }),
});

function autoscaling({ replicasMax, lag }: ServiceValues): Group {
  return group('What sets the number of pods.', {
    type: oneOf('None: `replicas`. CPU: use of processors. External: a metric that an adapter offers to Kubernetes. KEDA: a ScaledObject.', 'None', ['None', 'CPU', 'External', 'KEDA']),
    minReplicas: whole('Fewest pods.', Math.min(2, replicasMax), 1, replicasMax),
    maxReplicas: whole('Most pods.', Math.min(10, replicasMax), 1, replicasMax),
    cpuPercent: whole('CPU: percent of the requested processors that pods should use.', 70, 1, 1_000),
    lagPerReplica: whole('External and KEDA: waiting work per pod that is worth another pod.', lag?.perReplica ?? 100, 1, 1_000_000),
    scaleDownSeconds: whole('The number must have been too high for so long before it falls.', 120, 0, 3_600),
    external: group('For type External.', {
      metricName: text('Name of the metric.', 'botplane_lag', { minLength: 1 }),
      selector: textMap('Its labels.'),
    }),
    keda: group('For type KEDA.', {
      pollingSeconds: whole('How often KEDA asks.', 5, 1, 3_600),
      cooldownSeconds: whole('Rest before it goes to the fewest pods.', 120, 0, 86_400),
      annotations: textMap('Annotations of the ScaledObject, e.g. to pause it.'),
      triggers: kubernetesObjects('Triggers instead of the api\'s `/lag`.'),
    }),
  });
}

/** Where pods run, and which of them go first. */
export const placement = (): Record<string, ValueNode> => ({
  nodeSelector: textMap('Nodes that may run the pods.'),
  tolerations: kubernetesObjects('Taints that the pods bear.'),
  affinity: kubernetesObject('Affinity of the pods.'),
  priorityClassName: text('Priority class of the pods.'),
});

const spread = (): ValueNode => ({
  kind: 'leaf',
  description: 'How pods are spread; the selector is added.',
  fallback: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
  ],
  schema: {
    type: 'array',
    items: {
      type: 'object', additionalProperties: false, required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
      properties: { maxSkew: { type: 'integer', minimum: 1 }, topologyKey: { type: 'string', minLength: 1 }, whenUnsatisfiable: { enum: ['ScheduleAnyway', 'DoNotSchedule'] } },
    },
  },
});
