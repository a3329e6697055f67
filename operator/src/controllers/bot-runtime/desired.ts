import type { Applied, BotRuntime, Deployment, HorizontalPodAutoscaler, NetworkPolicy, PodDisruptionBudget, ServiceAccount } from '@botplane/k8s';
import { poolPods } from './pod-set.ts';
import type { PodSet } from './pod-set.ts';

/** Ports of a runtime pod. */
export const GRPC_PORT = 9090;
export const HTTP_PORT = 8080;

export interface RuntimeSettings {
  /** Where the executors and the operator live. */
  namespace: string;
  image: string;
  logLevel: string;
  /** Authority (PEM) of those who may call runtime pods. It is public: the pods hold no secret. Left out: plain text. */
  clientCa?: string;
}

const childMeta = ({ name, namespace, selector, owner }: PodSet) => ({
  name,
  namespace,
  labels: { ...selector, 'app.kubernetes.io/part-of': 'botplane', 'app.kubernetes.io/managed-by': 'botplane-operator' },
  ownerReferences: [owner],
});

/** A service account that no token is ever made for. */
export function makeServiceAccount(pods: PodSet): Applied<ServiceAccount> {
  return { metadata: childMeta(pods), automountServiceAccountToken: false };
}

/** One pod may be away at a time; with a single pod a drain is not blocked. */
export function makeDisruptionBudget(pods: PodSet): Applied<PodDisruptionBudget> {
  return { metadata: childMeta(pods), spec: { maxUnavailable: 1, selector: { matchLabels: pods.selector } } };
}

/** With autoscaling CPU: scales the BotRuntime itself, so that the operator stays the only writer of the Deployment's replicas. */
export function makeAutoscaler(runtime: BotRuntime): Applied<HorizontalPodAutoscaler> | undefined {
  const { type, min = 1, max = min, targetPercent = 70 } = runtime.spec.autoscaling ?? {};
  if (type !== 'CPU') return undefined;
  return {
    metadata: childMeta(poolPods(runtime)),
    spec: {
      scaleTargetRef: { apiVersion: runtime.apiVersion, kind: 'BotRuntime', name: runtime.metadata.name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetPercent } } }],
    },
  };
}

/** In: executors and the operator to gRPC, namespaces with monitoring to the metrics. Out: nothing. */
export function makeNetworkPolicy(pods: PodSet, settings: RuntimeSettings): Applied<NetworkPolicy> {
  const install = { matchLabels: { 'kubernetes.io/metadata.name': settings.namespace } };
  const callers = { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['botplane-executor', 'botplane-operator'] }] };
  return {
    metadata: childMeta(pods),
    spec: {
      podSelector: { matchLabels: pods.selector },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { from: [{ namespaceSelector: install, podSelector: callers }], ports: [{ protocol: 'TCP', port: GRPC_PORT }] },
        { from: [{ namespaceSelector: { matchLabels: { 'botplane.dev/monitoring': 'true' } } }], ports: [{ protocol: 'TCP', port: HTTP_PORT }] },
      ],
    },
  };
}

/** The pods of the pool. */
export function makeDeployment(pods: PodSet, settings: RuntimeSettings): Applied<Deployment> {
  return {
    metadata: childMeta(pods),
    spec: {
      replicas: pods.replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: pods.selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: podMeta(pods), spec: makePodSpec(pods, settings) },
    },
  } as Applied<Deployment>;
}

function podMeta(pods: PodSet) {
  const { labels, annotations } = pods.spec.template ?? {};
  return { labels: { ...labels, ...pods.selector, 'app.kubernetes.io/part-of': 'botplane' }, ...(annotations ? { annotations } : {}) };
}

function makePodSpec(pods: PodSet, settings: RuntimeSettings) {
  const { nodeSelector, tolerations, affinity, priorityClassName, imagePullSecrets } = pods.spec.template ?? {};
  return {
    serviceAccountName: pods.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [makeContainer(pods, settings)],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: pods.selector } }],
    ...(nodeSelector ? { nodeSelector } : {}),
    ...(tolerations ? { tolerations } : {}),
    ...(affinity ? { affinity } : {}),
    ...(priorityClassName ? { priorityClassName } : {}),
    ...(imagePullSecrets ? { imagePullSecrets } : {}),
  };
}

function makeContainer(pods: PodSet, settings: RuntimeSettings) {
  const probe = (path: string) => ({ httpGet: { path, port: 'http', scheme: 'HTTP' } });
  return {
    name: 'runtime',
    image: settings.image,
    env: makeEnv(pods, settings),
    ports: [{ name: 'grpc', containerPort: GRPC_PORT, protocol: 'TCP' }, { name: 'http', containerPort: HTTP_PORT, protocol: 'TCP' }],
    readinessProbe: { ...probe('/readyz'), periodSeconds: 2, failureThreshold: 2, timeoutSeconds: 2 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 2 },
    resources: pods.spec.template?.resources ?? { requests: { cpu: '250m', memory: '256Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
}

function makeEnv(pods: PodSet, settings: RuntimeSettings) {
  const { hosts, liveMax = 300, idleSeconds = 900, memoryMiB = 32, cpuMs = 100 } = pods.spec.sandbox ?? {};
  const values: Record<string, string> = {
    PORT: String(HTTP_PORT), GRPC_PORT: String(GRPC_PORT), LOG_LEVEL: settings.logLevel,
    SANDBOX_ISOLATES_MAX: String(liveMax), SANDBOX_IDLE_TTL_MS: String(idleSeconds * 1_000), SANDBOX_MEMORY_MIB: String(memoryMiB), SANDBOX_CPU_MS: String(cpuMs),
    ...(settings.clientCa === undefined ? {} : { GRPC_CLIENT_CA: settings.clientCa }),
    ...(hosts === undefined ? {} : { SANDBOX_HOSTS: String(hosts) }),
  };
  return [
    { name: 'HOST', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
  ];
}
