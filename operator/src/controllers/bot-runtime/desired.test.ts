import { join } from 'node:path';
import { hashOf } from '@botplane/k8s';
import type { BotRevision, BotRuntime } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { makeAutoscaler, makeDeployment, makeDisruptionBudget, makeNetworkPolicy, makeServiceAccount } from './desired.ts';
import { dedicatedPods, poolPods, selectorText } from './pod-set.ts';

const settings = { namespace: 'botplane-system', image: 'botplane/runtime:1', logLevel: 'info' };
const runtime: BotRuntime = {
  apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', metadata: { name: 'default', namespace: 'botplane-system', uid: 'u1' },
  spec: {
    replicas: 2, sandbox: { hosts: 2, liveMax: 100, idleSeconds: 60, memoryMiB: 64, cpuMs: 50 },
    template: { labels: { team: 'a', 'botplane.dev/runtime': 'other' }, resources: { limits: { memory: '1Gi' } }, nodeSelector: { disk: 'ssd' } },
  },
};

const childrenOf = (pods: ReturnType<typeof poolPods>): object[] => [makeServiceAccount(pods), makeNetworkPolicy(pods, settings), makeDisruptionBudget(pods), makeDeployment(pods, settings)];
const revision: BotRevision = {
  apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRevision', metadata: { name: `${'b'.repeat(38)}-0123abcd`, namespace: 'bots', uid: 'u2' },
  spec: { botRef: { name: 'b'.repeat(38) }, source: { botSpec: {} }, isolation: 'Dedicated' },
};

it('[C1] makes the children of a pool as in the golden file', async () => {
  const children = childrenOf(poolPods(runtime));
  await expect(children.map((child) => stringify(child, { aliasDuplicateObjects: false })).join('---\n')).toMatchFileSnapshot(join(import.meta.dirname, 'testdata/children.yaml'));
});

it('does not let the template change the labels that the selector needs', () => {
  expect(makeDeployment(poolPods(runtime), settings).spec?.template?.metadata?.labels).toMatchObject({ team: 'a', 'botplane.dev/runtime': 'default' });
});

it('gives the selector as text for autoscalers', () => {
  expect(selectorText(poolPods(runtime))).toBe('app.kubernetes.io/name=botplane-runtime,botplane.dev/runtime=default');
});

it('[A6] changes no pod template unawares: an operator upgrade must not restart runtime pods', () => {
  // A new hash here restarts every runtime pod of every install when the operator is upgraded. Change it only for that price.
  expect(hashOf(makeDeployment(poolPods(runtime), settings).spec?.template)).toBe('b29a02066dc1f1e782a910d967e43f4c576b86ac7d4c5f6ada7a6fbdbd6a8a06');
});

it('[W2] no secret and no token reaches a runtime pod: neither on disk nor in the environment', () => {
  const template = { ...runtime.spec.template, annotations: { note: 'n' }, tolerations: [{ operator: 'Exists' as const }], imagePullSecrets: [{ name: 'registry' }] };
  const greedy: BotRuntime = { ...runtime, spec: { ...runtime.spec, template } };
  for (const pods of [poolPods(runtime), poolPods(greedy), dedicatedPods(revision, greedy)]) {
    const pod = makeDeployment(pods, { ...settings, clientCa: 'a public certificate' }).spec?.template?.spec;
    // All that a pod can bring from a cluster: volumes, variables, the token of its account, credentials of Services. Its image holds none.
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod).not.toHaveProperty('volumes');
    expect(pod).not.toHaveProperty('initContainers');
    expect(pod?.containers).toHaveLength(1);
    const [container] = pod?.containers ?? [];
    for (const way of ['envFrom', 'volumeMounts', 'volumeDevices']) expect(container).not.toHaveProperty(way);
    expect(container?.env?.flatMap(({ name, valueFrom }) => (valueFrom ? [[name, Object.keys(valueFrom)]] : []))).toEqual([['HOST', ['fieldRef']]]);
    const plain = container?.env?.filter(({ value }) => value !== undefined).map(({ name }) => name).toSorted();
    expect(plain).toEqual(['GRPC_CLIENT_CA', 'GRPC_PORT', 'LOG_LEVEL', 'PORT', 'SANDBOX_CPU_MS', 'SANDBOX_HOSTS', 'SANDBOX_IDLE_TTL_MS', 'SANDBOX_ISOLATES_MAX', 'SANDBOX_MEMORY_MIB']);
    expect(makeServiceAccount(pods).automountServiceAccountToken).toBe(false);
  }
});

it('keeps the template when what is beside it changes', () => {
  const templateOf = (spec: object): unknown => makeDeployment(poolPods({ ...runtime, spec: { ...runtime.spec, ...spec } }), settings).spec?.template;
  expect(templateOf({ replicas: 9, autoscaling: { type: 'CPU', max: 9 }, allowedNamespaces: { from: 'All' } })).toEqual(templateOf({}));
});

it('[P9] gives a Dedicated revision children of its own in the namespace of its Bot, with names that fit', async () => {
  const children = childrenOf(dedicatedPods(revision, runtime));
  await expect(children.map((child) => stringify(child, { aliasDuplicateObjects: false })).join('---\n')).toMatchFileSnapshot(join(import.meta.dirname, 'testdata/dedicated.yaml'));
  const { selector } = dedicatedPods(revision, runtime);
  for (const value of Object.values(selector)) expect(value.length).toBeLessThanOrEqual(63);
});

it('[C1] asks an autoscaler for the pool only with type CPU, against the scale subresource', () => {
  expect(makeAutoscaler(runtime)).toBeUndefined();
  expect(makeAutoscaler({ ...runtime, spec: { autoscaling: { type: 'External' } } })).toBeUndefined();
  expect(makeAutoscaler({ ...runtime, spec: { autoscaling: { type: 'CPU', min: 2, max: 5 } } })?.spec).toEqual({
    scaleTargetRef: { apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', name: 'default' }, minReplicas: 2, maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  });
});
