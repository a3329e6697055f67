import { describe, expect, it } from 'vitest';
import { Store } from './store.ts';
import type { KubeObject } from './objects.ts';
import { controllerOf, controllerRef, keyOf, refOfKey } from './objects.ts';

interface Thing extends KubeObject {
  owners: string[];
  big?: string;
}

function thing(key: string, owners: string[] = [], extra: Partial<Thing> = {}): Thing {
  return { apiVersion: 'v1', kind: 'Thing', metadata: refOfKey(key), owners, ...extra };
}

const setup = () => new Store<Thing>({ indexers: { owner: (object) => object.owners } });

describe('Store', () => {
  it('finds objects by key, by reference and by namespace', () => {
    const store = setup();
    for (const key of ['one/a', 'one/b', 'two/a', 'cluster-wide']) store.set(thing(key));
    expect(store.get('one/a')).toBe(store.get({ namespace: 'one', name: 'a' }));
    expect(store.list('one').map(keyOf)).toEqual(['one/a', 'one/b']);
    expect(store.list('').map(keyOf)).toEqual(['cluster-wide']);
    expect(store.size).toBe(4);
  });

  it('keeps indexes right through change and removal', () => {
    const store = setup();
    store.set(thing('n/a', ['x', 'y']));
    store.set(thing('n/b', ['x']));
    store.set(thing('n/a', ['y', 'z']));
    expect(store.byIndex('owner', 'x').map(keyOf)).toEqual(['n/b']);
    expect(store.byIndex('owner', 'z').map(keyOf)).toEqual(['n/a']);
    expect(store.delete('n/a')?.owners).toEqual(['y', 'z']);
    expect(store.byIndex('owner', 'y')).toEqual([]);
    expect(() => store.byIndex('no such index', 'x')).toThrow('no such index');
  });

  it('drops managedFields and what the transform drops', () => {
    const store = new Store<Thing>({ transform: ({ big: _big, ...rest }) => rest });
    const object = thing('n/a', [], { big: 'x'.repeat(100) });
    object.metadata.managedFields = [{}];
    store.set(object);
    expect(store.get('n/a')).toEqual(thing('n/a'));
  });
});

describe('object helpers', () => {
  it('turn keys into references and back', () => {
    expect(refOfKey('ns/name')).toEqual({ namespace: 'ns', name: 'name' });
    expect(refOfKey('name')).toEqual({ name: 'name' });
    expect(keyOf({ namespace: 'ns', name: 'name' })).toBe('ns/name');
  });

  it('name the one controlling owner', () => {
    const owner = thing('n/owner');
    expect(() => controllerRef(owner)).toThrow('no uid');
    owner.metadata.uid = 'u1';
    const child = thing('n/child');
    child.metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'u0' }, controllerRef(owner)];
    expect(controllerOf(child)?.uid).toBe('u1');
  });
});
