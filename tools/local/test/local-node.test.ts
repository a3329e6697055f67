import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEPLOYMENTS, K8sClient, PODS, SECRETS, CONFIG_MAPS, EVENTS, type Pod } from '@botplane/k8s';
import {
  becomesTrue,
  isPortFree,
  makeTempFolder,
  removeTempFolder,
  startControlPlane,
  toolPath,
  type TestControlPlane,
} from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalNode, type LocalNode } from '../src/node/local-node.ts';
import { KUBELET_PORT, networkAddress } from '../src/node/pod-network.ts';

const NAMESPACE = 'default';
const IMAGE = 'test/web:1';
const WAIT_MS = 20_000;

let cluster: TestControlPlane;
let client: K8sClient;
let node: LocalNode;
let folder: string;
let address: string;

const startNode = (): Promise<LocalNode> =>
  startLocalNode({
    KUBECONFIG: cluster.files.kubeconfig('local-node'),
    NODE_NAME: 'local',
    NODE_ADDRESS: address,
    STATE_FOLDER: folder,
    IMAGES: { [IMAGE]: { command: process.execPath, args: [join(import.meta.dirname, 'fixtures/test-image.mjs')], env: {} } },
    CA_CERT_FILE: cluster.files.caCert,
    CA_KEY_FILE: cluster.files.caKey,
  });

async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(toolPath('kubectl'), [`--kubeconfig=${cluster.kubeconfig}`, ...args]);
  return stdout;
}

const downward = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

function template(name: string, more: object = {}, podSpec: object = {}) {
  const container = {
    name: 'web',
    image: IMAGE,
    env: [downward('POD_IP', 'status.podIP'), downward('POD_NAME', 'metadata.name')],
    readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1, failureThreshold: 1 },
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
    ...more,
  };
  const spec = { containers: [container], terminationGracePeriodSeconds: 2, ...podSpec };
  return { metadata: { labels: { app: name } }, spec };
}

async function deploy(name: string, replicas: number, more: object = {}): Promise<void> {
  const spec = { replicas, selector: { matchLabels: { app: name } }, template: template(name, more) };
  await client.create(DEPLOYMENTS, { metadata: { name, namespace: NAMESPACE }, spec } as never);
}

async function makePod(name: string, more: object = {}, podSpec: object = {}): Promise<void> {
  const { metadata, spec } = template(name, more, podSpec);
  await client.create(PODS, { metadata: { ...metadata, name, namespace: NAMESPACE }, spec } as never);
}

const podsOf = async (app: string): Promise<Pod[]> =>
  (await client.list(PODS, { namespace: NAMESPACE, labelSelector: `app=${app}` })).items;
const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
const readyPods = async (app: string): Promise<Pod[]> => (await podsOf(app)).filter(isReady);
const ask = async (pod: Pod | undefined, path: string): Promise<string> =>
  (await fetch(`http://${pod?.status?.podIP}:8080${path}`)).text();
const reasonsAbout = async (name: string): Promise<string[]> =>
  (await client.list(EVENTS, { namespace: NAMESPACE })).items
    .filter((event) => event.regarding?.name === name)
    .map((event) => event.reason ?? '');

async function eventually(check: () => Promise<boolean>): Promise<void> {
  expect(await becomesTrue(check, WAIT_MS), check.toString()).toBe(true);
}
async function untilReady(app: string, count: number): Promise<Pod[]> {
  await eventually(async () => (await readyPods(app)).length === count && (await podsOf(app)).length === count);
  return readyPods(app);
}

beforeAll(async () => {
  folder = makeTempFolder('node');
  for (let network = 200; network < 250; network += 1) {
    address = networkAddress(network);
    if (await isPortFree(KUBELET_PORT, address)) break;
  }
  cluster = await startControlPlane({ controllerManager: true, scheduler: true });
  client = new K8sClient({ kubeconfigPath: cluster.kubeconfig });
  node = await startNode();
  // The controller manager makes the service account that admission asks for.
  await eventually(async () => (await kubectl('get', 'serviceaccounts', '-o', 'name')).includes('default'));
});

afterAll(async () => {
  await node?.stop();
  await client?.close();
  await cluster?.stop();
  removeTempFolder(folder);
});

describe('pods of Deployments as processes', () => {
  it('makes three replicas ready, each on its own address, and follows rollout, scale and delete', async () => {
    await deploy('web', 3);
    const first = await untilReady('web', 3);
    expect(new Set(first.map((pod) => pod.status?.podIP)).size).toBe(3);
    for (const pod of first) expect(JSON.parse(await ask(pod, '/env'))).toMatchObject({ POD_NAME: pod.metadata.name });

    await kubectl('rollout', 'restart', 'deployment/web');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=20s');
    const second = await untilReady('web', 3);
    const old = new Set(first.map((pod) => pod.metadata.uid));
    expect(second.some((pod) => old.has(pod.metadata.uid))).toBe(false);

    await kubectl('scale', 'deployment/web', '--replicas=1');
    await untilReady('web', 1);
    await kubectl('delete', 'deployment/web');
    await eventually(async () => (await podsOf('web')).length === 0);
    for (const pod of second) await expect(ask(pod, '/healthz')).rejects.toThrow();
  });

  it('restarts a container that crashed and counts it', async () => {
    await makePod('crash');
    const [pod] = await untilReady('crash', 1);
    await ask(pod, '/crash');
    await eventually(async () => (await podsOf('crash'))[0]?.status?.containerStatuses?.[0]?.restartCount === 1);
    const [after] = await untilReady('crash', 1);
    expect(after?.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(3);
    expect(await kubectl('logs', 'crash', '--previous')).toContain('asked for /crash');
  });

  it('restarts a container whose liveness probe fails', async () => {
    await makePod('sick', { livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1, failureThreshold: 1 } });
    const [pod] = await untilReady('sick', 1);
    await ask(pod, '/sicken');
    await eventually(async () => (await podsOf('sick'))[0]?.status?.containerStatuses?.[0]?.restartCount === 1);
    await untilReady('sick', 1);
  });

  it('takes readiness away when the readiness probe fails, without a restart', async () => {
    await makePod('unready');
    const [pod] = await untilReady('unready', 1);
    await ask(pod, '/sicken');
    await eventually(async () => (await readyPods('unready')).length === 0);
    expect((await podsOf('unready'))[0]?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  it.each([
    ['an image that it does not know', { image: 'docker.io/library/nginx:1' }, 'ImageNotInTable'],
    ['another command than that of the image', { command: ['sh'] }, 'CommandNotSupported'],
  ])('fails a pod with %s and says so in an Event', async (_, more, reason) => {
    const name = reason.toLowerCase();
    await makePod(name, more);
    await eventually(async () => (await podsOf(name))[0]?.status?.phase === 'Failed');
    expect((await podsOf(name))[0]?.status?.reason).toBe(reason);
    await eventually(async () => (await reasonsAbout(name)).includes(reason));
    await kubectl('delete', 'pod', name, '--timeout=10s');
  });

  it('lets a pod that is not to be restarted succeed or fail', async () => {
    await makePod('once', {}, { restartPolicy: 'Never' });
    const [pod] = await untilReady('once', 1);
    await ask(pod, '/crash');
    await eventually(async () => (await podsOf('once'))[0]?.status?.phase === 'Failed');
  });

  it('waits for a missing Secret and then shows its values as env, files and paths', async () => {
    const env = [
      downward('POD_IP', 'status.podIP'),
      downward('POD_NAME', 'metadata.name'),
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
      { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
      { name: 'KEY_FILE', value: '/etc/keys/key' },
      { name: 'SCRATCH', value: '/scratch' },
    ];
    const volumeMounts = [
      { name: 'keys', mountPath: '/etc/keys' },
      { name: 'scratch', mountPath: '/scratch' },
    ];
    const volumes = [
      { name: 'keys', secret: { secretName: 'keys' } },
      { name: 'scratch', emptyDir: {} },
    ];
    await makePod('config', { env, volumeMounts }, { volumes });
    await eventually(
      async () =>
        (await podsOf('config'))[0]?.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
    await client.create(SECRETS, { metadata: { name: 'keys', namespace: NAMESPACE }, stringData: { key: 's3cret' } } as never);
    await client.create(CONFIG_MAPS, { metadata: { name: 'settings', namespace: NAMESPACE }, data: { mode: 'fast' } });
    const [pod] = await untilReady('config', 1);
    const seen = JSON.parse(await ask(pod, '/env')) as Record<string, string>;
    expect(seen).toMatchObject({ KEY: 's3cret', MODE: 'fast' });
    expect(await ask(pod, `/file?path=${seen['KEY_FILE']}`)).toBe('s3cret');
    expect(seen['SCRATCH']).toContain(folder);
    expect(Object.keys(seen).filter((name) => name.startsWith('KUBE'))).toEqual([]);
  });
});

describe('what kubectl asks of the node', () => {
  it('shows logs, their end, and follows them', async () => {
    await makePod('logs');
    const [pod] = await untilReady('logs', 1);
    expect(await kubectl('logs', 'logs')).toContain('hello from logs');
    const following = promisify(execFile)(
      toolPath('kubectl'),
      [`--kubeconfig=${cluster.kubeconfig}`, 'logs', 'logs', '-f', '--tail=1', '--limit-bytes=4000'],
      { timeout: 4_000 },
    ).catch((error: { stdout: string }) => error);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await ask(pod, '/env');
    expect((await following).stdout).toContain('asked for /env');
  });

  it('says that exec is not possible', async () => {
    await expect(kubectl('exec', 'logs', '--', 'true')).rejects.toThrow();
  });

  it('is a Ready node with a Lease', async () => {
    expect(await kubectl('get', 'node', 'local')).toContain('Ready');
    expect(await kubectl('get', 'lease', 'local', '-n', 'kube-node-lease')).toContain('local');
  });
});

describe('the end of pods and of the node', () => {
  it('gives a pod its grace period and kills it afterwards', async () => {
    const env = [downward('POD_IP', 'status.podIP'), downward('POD_NAME', 'metadata.name'), { name: 'END_MS', value: '60000' }];
    await makePod('slow', { env });
    const [pod] = await untilReady('slow', 1);
    const startedMs = Date.now();
    await kubectl('delete', 'pod', 'slow', '--timeout=15s');
    expect(Date.now() - startedMs).toBeGreaterThan(1_500);
    await expect(ask(pod, '/healthz')).rejects.toThrow();
  });

  it('starts its pods again after a restart, on the same addresses, and removes those deleted meanwhile', async () => {
    await makePod('stays');
    await makePod('goes');
    const [before] = await untilReady('stays', 1);
    await untilReady('goes', 1);
    await node.stop();
    await expect(ask(before, '/healthz')).rejects.toThrow();
    await kubectl('delete', 'pod', 'goes', '--wait=false');
    node = await startNode();
    const [after] = await untilReady('stays', 1);
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    expect(after?.status?.podIP).toBe(before?.status?.podIP);
    expect(after?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(await ask(after, '/healthz')).toBe('ok');
    await eventually(async () => (await podsOf('goes')).length === 0);
  });
});
