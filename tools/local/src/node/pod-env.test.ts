import type { Pod } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { expand, fieldValue } from './pod-env.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'shop', uid: 'u-1', labels: { 'app.kubernetes.io/name': 'runtime' } },
  spec: { nodeName: 'local', containers: [] },
} as unknown as Pod;
const place = { podAddress: '127.1.1.1', nodeAddress: '127.1.0.1' };

it.each([
  ['metadata.name', 'p'],
  ['metadata.namespace', 'shop'],
  ['metadata.uid', 'u-1'],
  ['spec.nodeName', 'local'],
  ['status.podIP', '127.1.1.1'],
  ['status.hostIP', '127.1.0.1'],
  ["metadata.labels['app.kubernetes.io/name']", 'runtime'],
  ["metadata.annotations['none']", ''],
])('the downward API knows %s', (path, value) => {
  expect(fieldValue(pod, path, place)).toBe(value);
});

it('refuses a field of the downward API that it does not know', () => {
  expect(() => fieldValue(pod, 'status.phase', place)).toThrow('status.phase');
});

it.each([
  ['$(A)/x', '1/x'],
  ['$$(A)', '$(A)'],
  ['$(B)', '$(B)'],
  ['plain', 'plain'],
])('expands %s to %s', (text, expanded) => {
  expect(expand(text, { A: '1' })).toBe(expanded);
});
