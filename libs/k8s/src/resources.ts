import type {
  EventsV1Event, V1ConfigMap, V1CustomResourceDefinition, V1Deployment, V2HorizontalPodAutoscaler, V1Lease, V1Namespace, V1NetworkPolicy, V1Node, V1Pod, V1PodDisruptionBudget, V1Secret,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import type { Bot } from './generated/bot.ts';
import type { BotRevision } from './generated/bot-revision.ts';
import type { BotRuntime } from './generated/bot-runtime.ts';
import type { KubeObject, ObjectMeta, ObjectRef } from './objects.ts';

type Dashed<Name extends string> = Name extends `${infer Head}_${infer Tail}` ? `${Head}-${Dashed<Tail>}` : Name;

/** client-node renames what clashes with JavaScript: `_from`, `_default`, `x_kubernetes_…`. On the wire the fields have their own names. */
type WireName<Key> = Key extends `_${infer Name}` ? Name : Key extends `x_kubernetes_${string}` ? Dashed<Key> : Key;

/** The JSON of a client-node type, as it really travels: strings instead of Date, and the API's own field names. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Key in keyof T as WireName<Key>]: Json<T[Key]> }
      : T;

type BuiltIn<T> = { apiVersion: string; kind: string; metadata: ObjectMeta } & Omit<Json<T>, 'apiVersion' | 'kind' | 'metadata'>;

export type Pod = BuiltIn<V1Pod>;
export type Node = BuiltIn<V1Node>;
export type Secret = BuiltIn<V1Secret>;
export type ConfigMap = BuiltIn<V1ConfigMap>;
export type Namespace = BuiltIn<V1Namespace>;
export type ServiceAccount = BuiltIn<V1ServiceAccount>;
export type Deployment = BuiltIn<V1Deployment>;
export type NetworkPolicy = BuiltIn<V1NetworkPolicy>;
export type PodDisruptionBudget = BuiltIn<V1PodDisruptionBudget>;
export type HorizontalPodAutoscaler = BuiltIn<V2HorizontalPodAutoscaler>;
export type Lease = BuiltIn<V1Lease>;
export type KubeEvent = BuiltIn<EventsV1Event>;
export type CustomResourceDefinition = BuiltIn<V1CustomResourceDefinition>;

/** A custom object whose schema is not known here; narrow it with {@link typed}. */
export interface CustomObject extends KubeObject {
  spec?: unknown;
  status?: unknown;
}

/** One kind as the API serves it. `T` is what its objects look like. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries `T` for the compiler; never set. */
  readonly objectType?: T;
}

/** Describes a kind; use it for kinds that have no constant here. */
export function defineResource<T extends KubeObject>(apiVersion: string, kind: string, plural: string, scope: 'namespaced' | 'cluster'): ResourceType<T> {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  return Object.freeze({ group, version: apiVersion.slice(slash + 1), plural, kind, namespaced: scope === 'namespaced' });
}

/** The same kind with another object type of the caller's. */
export function typed<T extends KubeObject>(type: ResourceType<CustomObject>): ResourceType<T> {
  const { group, version, plural, kind, namespaced } = type;
  return { group, version, plural, kind, namespaced };
}

export const PODS = defineResource<Pod>('v1', 'Pod', 'pods', 'namespaced');
export const NODES = defineResource<Node>('v1', 'Node', 'nodes', 'cluster');
export const SECRETS = defineResource<Secret>('v1', 'Secret', 'secrets', 'namespaced');
export const CONFIG_MAPS = defineResource<ConfigMap>('v1', 'ConfigMap', 'configmaps', 'namespaced');
export const NAMESPACES = defineResource<Namespace>('v1', 'Namespace', 'namespaces', 'cluster');
export const SERVICE_ACCOUNTS = defineResource<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts', 'namespaced');
export const DEPLOYMENTS = defineResource<Deployment>('apps/v1', 'Deployment', 'deployments', 'namespaced');
export const NETWORK_POLICIES = defineResource<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', 'namespaced');
export const POD_DISRUPTION_BUDGETS = defineResource<PodDisruptionBudget>('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'namespaced');
export const HORIZONTAL_POD_AUTOSCALERS = defineResource<HorizontalPodAutoscaler>('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'namespaced');
export const LEASES = defineResource<Lease>('coordination.k8s.io/v1', 'Lease', 'leases', 'namespaced');
export const EVENTS = defineResource<KubeEvent>('events.k8s.io/v1', 'Event', 'events', 'namespaced');
export const CUSTOM_RESOURCE_DEFINITIONS = defineResource<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', 'cluster',
);

export const BOTS = defineResource<Bot>('botplane.dev/v1alpha1', 'Bot', 'bots', 'namespaced');
export const BOT_REVISIONS = defineResource<BotRevision>('botplane.dev/v1alpha1', 'BotRevision', 'botrevisions', 'namespaced');
export const BOT_RUNTIMES = defineResource<BotRuntime>('botplane.dev/v1alpha1', 'BotRuntime', 'botruntimes', 'namespaced');

/** `v1` or `group/version`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The URL path of a collection; without a namespace, that of all namespaces. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${type.plural}`;
}

/** The URL path of one object, or of a subresource of it. */
export function objectPath(type: ResourceType, ref: ObjectRef, subresource?: string): string {
  if (type.namespaced && !ref.namespace) throw new Error(`${type.kind} ${ref.name}: a namespace is required`);
  const path = `${collectionPath(type, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
