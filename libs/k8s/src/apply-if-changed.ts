import { covers, hashOf } from './canonical.ts';
import type { ApplyOptions, K8sClient } from './client.ts';
import type { Applied, KubeObject } from './objects.ts';
import type { ResourceType } from './resources.ts';

/** Holds the hash of what was applied last, so that a field left out since then is noticed too. */
export const DESIRED_HASH_ANNOTATION = 'botplane.dev/desired-hash';

/**
 * Applies `desired` unless `live` (from the cache) already is so: the reconcile of an unchanged object writes nothing. A field that someone else
 * changed is put back, one that `desired` dropped is removed. Returns the object and whether it was written.
 */
export async function applyIfChanged<T extends KubeObject>(
  client: K8sClient, type: ResourceType<T>, live: T | undefined, desired: Applied<T>, options: ApplyOptions,
): Promise<{ object: T; written: boolean }> {
  const marked = withHash(desired);
  if (live && covers(live, marked)) return { object: live, written: false };
  return { object: await client.apply(type, marked, options), written: true };
}

function withHash<T extends KubeObject>(desired: Applied<T>): Applied<T> {
  const { metadata } = desired;
  const annotations = { ...metadata.annotations, [DESIRED_HASH_ANNOTATION]: hashOf(desired) };
  return Object.assign({}, desired, { metadata: { ...metadata, annotations } });
}
