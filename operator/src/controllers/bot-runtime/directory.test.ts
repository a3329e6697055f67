import type { Pod } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { listPods, runtimeKeyOfPod } from './directory.ts';

const pod = (name: string, ready: boolean, extra: { ip?: string; deleting?: boolean } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name, namespace: 'sys', uid: `uid-${name}`, labels: { 'botplane.dev/runtime': 'default' }, ...(extra.deleting ? { deletionTimestamp: '2026-11-20T12:00:00Z' } : {}) },
  status: { podIP: extra.ip ?? '10.0.0.1', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

it('lists ready pods by name with the address of gRPC', () => {
  const pods = [pod('b', true), pod('a', true, { ip: 'fd00::1' }), pod('c', false), pod('d', true, { deleting: true }), pod('e', true, { ip: '' })];
  expect(listPods(pods)).toEqual([{ name: 'a', uid: 'uid-a', address: '[fd00::1]:9090' }, { name: 'b', uid: 'uid-b', address: '10.0.0.1:9090' }]);
});

it('knows the pool of a pod by its label', () => {
  expect(runtimeKeyOfPod(pod('a', true))).toBe('sys_default');
});
