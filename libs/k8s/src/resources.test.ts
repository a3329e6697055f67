import { describe, expect, expectTypeOf, it } from 'vitest';
import type { CustomResourceDefinition, NetworkPolicy, Pod } from './resources.ts';
import { BOTS, CUSTOM_RESOURCE_DEFINITIONS, NODES, PODS, apiVersionOf, collectionPath, objectPath } from './resources.ts';

describe('paths', () => {
  it('follow group, scope and namespace', () => {
    expect(collectionPath(PODS)).toBe('/api/v1/pods');
    expect(collectionPath(PODS, 'default')).toBe('/api/v1/namespaces/default/pods');
    expect(objectPath(BOTS, { namespace: 'n', name: 'b' }, 'status')).toBe('/apis/botplane.dev/v1alpha1/namespaces/n/bots/b/status');
    expect(objectPath(NODES, { name: 'node' })).toBe('/api/v1/nodes/node');
    expect(apiVersionOf(CUSTOM_RESOURCE_DEFINITIONS)).toBe('apiextensions.k8s.io/v1');
  });

  it('are never made without a namespace for one namespaced object', () => {
    expect(() => objectPath(PODS, { name: 'a' })).toThrow('namespace is required');
  });

  it('escape what a name must not say', () => {
    expect(objectPath(PODS, { namespace: 'n', name: '../../secrets' })).toBe('/api/v1/namespaces/n/pods/..%2F..%2Fsecrets');
  });
});

it('types objects as they travel: times are strings, fields have the names of the API', () => {
  type Ingress = NonNullable<NonNullable<NetworkPolicy['spec']>['ingress']>[number];
  type Schema = NonNullable<NonNullable<CustomResourceDefinition['spec']['versions'][number]['schema']>['openAPIV3Schema']>;
  expectTypeOf<NonNullable<Pod['status']>['startTime']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<'from' | 'ports'>().toEqualTypeOf<keyof Ingress>();
  expectTypeOf<'x-kubernetes-preserve-unknown-fields'>().toExtend<keyof Schema>();
  expect(PODS.kind).toBe('Pod');
});
