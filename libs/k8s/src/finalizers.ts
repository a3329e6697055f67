import type { K8sClient, Patch, WriteOptions } from './client.ts';
import { isNotFound } from './errors.ts';
import type { KubeObject } from './objects.ts';
import { refOf } from './objects.ts';
import type { ResourceType } from './resources.ts';

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** The patch that adds a finalizer; undefined when it is there. It holds only for the version in hand, so no other finalizer is lost. */
export function addFinalizerPatch(object: KubeObject, finalizer: string): Patch | undefined {
  if (hasFinalizer(object, finalizer)) return undefined;
  return finalizersPatch(object, [...(object.metadata.finalizers ?? []), finalizer]);
}

/** The patch that removes a finalizer; undefined when it is not there. */
export function removeFinalizerPatch(object: KubeObject, finalizer: string): Patch | undefined {
  if (!hasFinalizer(object, finalizer)) return undefined;
  return finalizersPatch(object, (object.metadata.finalizers ?? []).filter((known) => known !== finalizer));
}

/** Makes sure the finalizer is there before the first effect outside the cluster. Returns the object as it is then; a conflict is thrown. */
export async function ensureFinalizer<T extends KubeObject>(client: K8sClient, type: ResourceType<T>, object: T, finalizer: string, options: WriteOptions = {}): Promise<T> {
  const patch = addFinalizerPatch(object, finalizer);
  return patch ? client.patch(type, refOf(object), patch, options) : object;
}

/** Lets the object go. Undefined when it is gone already; a conflict is thrown. */
export async function releaseFinalizer<T extends KubeObject>(
  client: K8sClient, type: ResourceType<T>, object: T, finalizer: string, options: WriteOptions = {},
): Promise<T | undefined> {
  const patch = removeFinalizerPatch(object, finalizer);
  if (!patch) return object;
  try {
    return await client.patch(type, refOf(object), patch, options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function finalizersPatch(object: KubeObject, finalizers: string[]): Patch {
  return { type: 'merge', body: { metadata: { resourceVersion: object.metadata.resourceVersion, uid: object.metadata.uid, finalizers } } };
}
