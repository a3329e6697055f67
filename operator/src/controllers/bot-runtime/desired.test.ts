import { join } from 'node:path';
import type { BotRuntime } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { makeDeployment, makeDisruptionBudget, makeNetworkPolicy, makeServiceAccount, selectorText } from './desired.ts';

const settings = { namespace: 'botplane-system', image: 'botplane/runtime:1', logLevel: 'info' };
const runtime: BotRuntime = {
  apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', metadata: { name: 'default', namespace: 'botplane-system', uid: 'u1' },
  spec: {
    replicas: 2, sandbox: { hosts: 2, liveMax: 100, idleSeconds: 60, memoryMiB: 64, cpuMs: 50 },
    template: { labels: { team: 'a', 'botplane.dev/runtime': 'other' }, resources: { limits: { memory: '1Gi' } }, nodeSelector: { disk: 'ssd' } },
  },
};

it('[C1] makes the children of a pool as in the golden file', async () => {
  const children = [makeServiceAccount(runtime), makeNetworkPolicy(runtime, settings), makeDisruptionBudget(runtime), makeDeployment(runtime, settings)];
  await expect(children.map((child) => stringify(child, { aliasDuplicateObjects: false })).join('---\n')).toMatchFileSnapshot(join(import.meta.dirname, 'testdata/children.yaml'));
});

it('does not let the template change the labels that the selector needs', () => {
  expect(makeDeployment(runtime, settings).spec?.template?.metadata?.labels).toMatchObject({ team: 'a', 'botplane.dev/runtime': 'default' });
});

it('gives the selector as text for autoscalers', () => {
  expect(selectorText(runtime)).toBe('app.kubernetes.io/name=botplane-runtime,botplane.dev/runtime=default');
});
