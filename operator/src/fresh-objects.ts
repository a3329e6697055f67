import { keyOf } from '@botplane/k8s';
import type { KubeObject } from '@botplane/k8s';
import { FRESH_OBJECTS_MAX } from './limits.ts';

/** Remembers what we wrote until the cache has it, so that the next reconcile does not start from an older object. */
export class FreshObjects<T extends KubeObject> {
  private readonly written = new Map<string, T>();

  /** Keeps the answer to a write. */
  remember(object: T): T {
    this.written.delete(keyOf(object));
    this.written.set(keyOf(object), object);
    const oldest = this.written.keys().next().value;
    if (this.written.size > FRESH_OBJECTS_MAX && oldest !== undefined) this.written.delete(oldest);
    return object;
  }

  /** The newer of the cached object and our own last write; undefined when the cache has none any more. */
  newest(key: string, cached: T | undefined): T | undefined {
    const own = this.written.get(key);
    if (!own) return cached;
    if (!cached || cached.metadata.uid !== own.metadata.uid || version(cached) >= version(own)) {
      this.written.delete(key);
      return cached;
    }
    return own;
  }
}

/** Resource versions of one kind grow and can be compared as whole numbers. */
const version = (object: KubeObject): bigint => BigInt(object.metadata.resourceVersion ?? '0');
