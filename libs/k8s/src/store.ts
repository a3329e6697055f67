import type { KubeObject, ObjectRef } from './objects.ts';
import { keyOf } from './objects.ts';

/** Gives the values under which an index knows an object; none keeps it out of that index. */
export type Indexer<T> = (object: T) => readonly string[];

export interface StoreOptions<T extends KubeObject> {
  indexers?: Record<string, Indexer<T>>;
  /** Drops what nobody reads, before storing. Must keep `metadata`. managedFields are always dropped. */
  transform?: (object: T) => T;
}

/** What readers of a cache may do. Objects are shared: never change one, copy it first. */
export interface StoreReader<T extends KubeObject> {
  readonly size: number;
  get(key: string | ObjectRef): T | undefined;
  has(key: string | ObjectRef): boolean;
  /** All objects, or those of one namespace. */
  list(namespace?: string): T[];
  keys(): string[];
  /** The objects an index knows under a value. Throws for an index that does not exist. */
  byIndex(index: string, value: string): T[];
}

/** Objects by `namespace/name`, with indexes kept up to date on every change. */
export class Store<T extends KubeObject> implements StoreReader<T> {
  private readonly objects = new Map<string, T>();
  private readonly indexes = new Map<string, Map<string, Set<string>>>();
  private readonly indexers: [string, Indexer<T>][];
  private readonly transform: (object: T) => T;

  constructor(options: StoreOptions<T> = {}) {
    // Reads of one namespace are frequent enough to deserve an index of their own.
    this.indexers = Object.entries({ ...options.indexers, [NAMESPACE_INDEX]: (object: T) => [object.metadata.namespace ?? ''] });
    for (const [name] of this.indexers) this.indexes.set(name, new Map());
    this.transform = options.transform ?? ((object) => object);
  }

  get size(): number {
    return this.objects.size;
  }

  get(key: string | ObjectRef): T | undefined {
    return this.objects.get(toKey(key));
  }

  has(key: string | ObjectRef): boolean {
    return this.objects.has(toKey(key));
  }

  list(namespace?: string): T[] {
    return namespace === undefined ? [...this.objects.values()] : this.byIndex(NAMESPACE_INDEX, namespace);
  }

  keys(): string[] {
    return [...this.objects.keys()];
  }

  byIndex(index: string, value: string): T[] {
    const known = this.indexes.get(index);
    if (!known) throw new Error(`store has no index "${index}"`);
    const found: T[] = [];
    for (const key of known.get(value) ?? []) {
      const object = this.objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  /** Stores an object and returns it as stored, with the one it replaces. */
  set(object: T): { stored: T; previous: T | undefined } {
    delete object.metadata.managedFields;
    const stored = this.transform(object);
    const key = keyOf(stored);
    const previous = this.objects.get(key);
    if (previous) this.unindex(key, previous);
    this.objects.set(key, stored);
    this.index(key, stored);
    return { stored, previous };
  }

  /** Removes an object and returns it. */
  delete(key: string | ObjectRef): T | undefined {
    const name = toKey(key);
    const previous = this.objects.get(name);
    if (!previous) return undefined;
    this.unindex(name, previous);
    this.objects.delete(name);
    return previous;
  }

  private index(key: string, object: T): void {
    for (const [name, values] of this.valuesOf(object)) {
      const index = this.indexes.get(name)!;
      for (const value of values) {
        const keys = index.get(value);
        if (keys) keys.add(key);
        else index.set(value, new Set([key]));
      }
    }
  }

  private unindex(key: string, object: T): void {
    for (const [name, values] of this.valuesOf(object)) {
      const index = this.indexes.get(name)!;
      for (const value of values) {
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
    }
  }

  private valuesOf(object: T): [string, readonly string[]][] {
    return this.indexers.map(([name, indexer]) => [name, indexer(object)]);
  }
}

const NAMESPACE_INDEX = 'metadata.namespace';

function toKey(key: string | ObjectRef): string {
  return typeof key === 'string' ? key : keyOf(key);
}
