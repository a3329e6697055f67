import { controllerRef } from '@botplane/k8s';
import type { Applied, BotRuntime, Deployment, NetworkPolicy, PodDisruptionBudget, ServiceAccount } from '@botplane/k8s';
import { Labels } from '../../names.ts';

/** Ports of a runtime pod. */
export const GRPC_PORT = 9090;
export const HTTP_PORT = 8080;

export interface RuntimeSettings {
  /** Where the executors and the operator live. */
  namespace: string;
  image: string;
  logLevel: string;
}

/** Name of everything that is made for a BotRuntime. */
export const childName = (runtime: BotRuntime): string => `botrt-${runtime.metadata.name}`;

/** Labels by which the pods of one pool are known; they never change, since a Deployment's selector cannot. */
export const selectorLabels = (runtime: BotRuntime): Record<string, string> => ({ 'app.kubernetes.io/name': 'botplane-runtime', [Labels.runtime]: runtime.metadata.name });

/** The selector as text, for status and autoscalers. */
export const selectorText = (runtime: BotRuntime): string => Object.entries(selectorLabels(runtime)).map(([key, value]) => `${key}=${value}`).join(',');

const childMeta = (runtime: BotRuntime) => ({
  name: childName(runtime),
  namespace: runtime.metadata.namespace ?? '',
  labels: { ...selectorLabels(runtime), 'app.kubernetes.io/part-of': 'botplane', 'app.kubernetes.io/managed-by': 'botplane-operator' },
  ownerReferences: [controllerRef(runtime)],
});

/** A service account that no token is ever made for. */
export function makeServiceAccount(runtime: BotRuntime): Applied<ServiceAccount> {
  return { metadata: childMeta(runtime), automountServiceAccountToken: false };
}

/** One pod may be away at a time; with a single pod a drain is not blocked. */
export function makeDisruptionBudget(runtime: BotRuntime): Applied<PodDisruptionBudget> {
  return { metadata: childMeta(runtime), spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(runtime) } } };
}

/** In: executors and the operator to gRPC, namespaces with monitoring to the metrics. Out: nothing. */
export function makeNetworkPolicy(runtime: BotRuntime, settings: RuntimeSettings): Applied<NetworkPolicy> {
  const install = { matchLabels: { 'kubernetes.io/metadata.name': settings.namespace } };
  const callers = { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['botplane-executor', 'botplane-operator'] }] };
  return {
    metadata: childMeta(runtime),
    spec: {
      podSelector: { matchLabels: selectorLabels(runtime) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { from: [{ namespaceSelector: install, podSelector: callers }], ports: [{ protocol: 'TCP', port: GRPC_PORT }] },
        { from: [{ namespaceSelector: { matchLabels: { 'botplane.dev/monitoring': 'true' } } }], ports: [{ protocol: 'TCP', port: HTTP_PORT }] },
      ],
    },
  };
}

/** The pods of the pool. */
export function makeDeployment(runtime: BotRuntime, settings: RuntimeSettings): Applied<Deployment> {
  const { spec } = runtime;
  return {
    metadata: childMeta(runtime),
    spec: {
      replicas: spec.replicas ?? 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(runtime) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: podMeta(runtime), spec: makePodSpec(runtime, settings) },
    },
  } as Applied<Deployment>;
}

function podMeta(runtime: BotRuntime) {
  const { labels, annotations } = runtime.spec.template ?? {};
  return { labels: { ...labels, ...selectorLabels(runtime), 'app.kubernetes.io/part-of': 'botplane' }, ...(annotations ? { annotations } : {}) };
}

function makePodSpec(runtime: BotRuntime, settings: RuntimeSettings) {
  const { nodeSelector, tolerations, affinity, priorityClassName, imagePullSecrets } = runtime.spec.template ?? {};
  return {
    serviceAccountName: childName(runtime),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [makeContainer(runtime, settings)],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selectorLabels(runtime) } }],
    ...(nodeSelector ? { nodeSelector } : {}),
    ...(tolerations ? { tolerations } : {}),
    ...(affinity ? { affinity } : {}),
    ...(priorityClassName ? { priorityClassName } : {}),
    ...(imagePullSecrets ? { imagePullSecrets } : {}),
  };
}

function makeContainer(runtime: BotRuntime, settings: RuntimeSettings) {
  const probe = (path: string) => ({ httpGet: { path, port: 'http', scheme: 'HTTP' } });
  return {
    name: 'runtime',
    image: settings.image,
    env: makeEnv(runtime, settings),
    ports: [{ name: 'grpc', containerPort: GRPC_PORT, protocol: 'TCP' }, { name: 'http', containerPort: HTTP_PORT, protocol: 'TCP' }],
    readinessProbe: { ...probe('/readyz'), periodSeconds: 2, failureThreshold: 2, timeoutSeconds: 2 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 2 },
    resources: runtime.spec.template?.resources ?? { requests: { cpu: '250m', memory: '256Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
}

function makeEnv(runtime: BotRuntime, settings: RuntimeSettings) {
  const { hosts, liveMax = 300, idleSeconds = 900, memoryMiB = 32, cpuMs = 100 } = runtime.spec.sandbox ?? {};
  const values: Record<string, string> = {
    PORT: String(HTTP_PORT), GRPC_PORT: String(GRPC_PORT), LOG_LEVEL: settings.logLevel,
    SANDBOX_ISOLATES_MAX: String(liveMax), SANDBOX_IDLE_TTL_MS: String(idleSeconds * 1_000), SANDBOX_MEMORY_MIB: String(memoryMiB), SANDBOX_CPU_MS: String(cpuMs),
    ...(hosts === undefined ? {} : { SANDBOX_HOSTS: String(hosts) }),
  };
  return [
    { name: 'HOST', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
  ];
}
