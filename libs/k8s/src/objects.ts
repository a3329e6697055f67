/** What every Kubernetes object looks like as plain JSON. Times are strings, as the API sends them. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** What a metadata-only read returns: no spec, no data, so a Secret's values never enter the process. */
export type PartialObjectMetadata = KubeObject;

/** One whole list, all pages of it, at one resource version. */
export interface ObjectList<T> {
  items: T[];
  resourceVersion: string;
}

/** Names one object of a known type. `namespace` is left out for cluster-scoped types only. */
export interface ObjectRef {
  name: string;
  namespace?: string;
}

type Deep<T> = T extends readonly (infer Item)[]
  ? Deep<Item>[]
  : T extends object
    ? { [Key in keyof T]?: Deep<T[Key]> | undefined }
    : T;

/** The metadata a writer may set. */
export type WritableMeta = {
  [Key in 'namespace' | 'labels' | 'annotations' | 'finalizers' | 'ownerReferences' | 'uid' | 'resourceVersion']?: ObjectMeta[Key] | undefined;
} & { name: string };

/** An object to apply: only the fields the writer owns. `apiVersion` and `kind` are filled in from the resource type. */
export type Applied<T extends KubeObject> = { apiVersion?: string; kind?: string; metadata: WritableMeta } & Deep<
  Omit<T, 'apiVersion' | 'kind' | 'metadata'>
>;

/** An object to create. `generateName` may stand in for the name. */
export type NewObject<T extends KubeObject> = {
  apiVersion?: string;
  kind?: string;
  metadata: Omit<WritableMeta, 'name'> & ({ name: string } | { generateName: string });
} & Deep<Omit<T, 'apiVersion' | 'kind' | 'metadata'>>;

/** The key under which stores and queues know an object: `namespace/name`, or `name` when cluster-scoped. */
export function keyOf(ref: ObjectRef | KubeObject): string {
  const { name, namespace } = 'metadata' in ref ? ref.metadata : ref;
  return namespace ? `${namespace}/${name}` : name;
}

/** The reverse of {@link keyOf}. */
export function refOfKey(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The reference of an object that is in hand. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return namespace ? { name, namespace } : { name };
}

/** True from the moment a delete was accepted; only finalizers keep the object. */
export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** The owner reference that makes `owner` the one controller of a child, so that deleting it collects the child. */
export function controllerRef(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  if (!metadata.uid) throw new Error(`${kind} ${keyOf(owner)} has no uid yet`);
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** The controlling owner of a child, if it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller);
}
