import { afterAll, beforeAll, expect, it } from 'vitest';
import { startControlPlane, type TestControlPlane } from '@botplane/testing';
import { CONFIG_MAPS, EVENTS, EventRecorder, K8sClient, NAMESPACES, type ConfigMap, type MetricsPort } from '@botplane/k8s';

let controlPlane: TestControlPlane;
let client: K8sClient;
let nowMs = Date.now();
let discarded: string[] = [];

beforeAll(async () => {
  controlPlane = await startControlPlane();
  client = new K8sClient({ kubeconfigPath: controlPlane.kubeconfig });
}, 120_000);

afterAll(async () => {
  await client?.close();
  await controlPlane?.stop();
});

const metrics: MetricsPort = { increment: (_name, { reason }) => void discarded.push(String(reason)), set() {}, observe() {} };
const recorderOf = (through = client) => new EventRecorder({ client: through, controller: 'botplane.dev/operator', instance: 'operator-0', metrics, nowMs: () => nowMs });
const makeObject = (name: string): Promise<ConfigMap> => client.create(CONFIG_MAPS, { metadata: { name, namespace: 'default' } });

async function eventsOf(name: string) {
  const { items } = await client.list(EVENTS, { namespace: 'default' });
  return items.filter((event) => event.regarding?.name === name);
}

it('records an event that kubectl shows, with its object, cut to what the API allows', async () => {
  const recorder = recorderOf();
  const object = await makeObject('plain');
  recorder.record(object, { type: 'Warning', reason: 'TokenRejected', action: 'SetWebhook', note: 'x'.repeat(3_000) });
  await recorder.flush();
  const [event] = await eventsOf('plain');
  expect(event).toMatchObject({ type: 'Warning', reason: 'TokenRejected', action: 'SetWebhook', reportingController: 'botplane.dev/operator' });
  expect(event?.regarding).toMatchObject({ kind: 'ConfigMap', uid: object.metadata.uid });
  expect(event?.note).toHaveLength(1_024);
});

it('counts the same event in one series, and starts a new one after a quiet time', async () => {
  const recorder = recorderOf();
  const object = await makeObject('series');
  const say = (note = 'no room') => recorder.record(object, { type: 'Normal', reason: 'NoCapacity', action: 'Schedule', note });
  for (let i = 0; i < 10; i++) say();
  say('another note');
  await recorder.flush();
  const first = await eventsOf('series');
  expect(first.map((event) => event.series?.count ?? 1).toSorted((a, b) => a - b)).toEqual([1, 10]);
  nowMs += 10 * 60_000;
  say();
  await recorder.flush();
  expect(await eventsOf('series')).toHaveLength(3);
});

it('shows the first repeat at once', async () => {
  const recorder = recorderOf();
  const object = await makeObject('repeat');
  for (let i = 0; i < 2; i++) recorder.record(object, { type: 'Normal', reason: 'Twice', action: 'Say', note: 'again' });
  await expect.poll(async () => (await eventsOf('repeat')).map((event) => event.series?.count)).toEqual([2]);
});

it('records about a cluster-scoped object in the default namespace', async () => {
  const recorder = recorderOf();
  const namespace = (await client.get(NAMESPACES, { name: 'kube-system' }))!;
  recorder.record(namespace, { type: 'Normal', reason: 'Seen', action: 'Look', note: 'there' });
  await recorder.flush();
  expect(await eventsOf('kube-system')).toHaveLength(1);
});

it('limits the events about one object and counts what it drops', async () => {
  const recorder = recorderOf();
  const object = await makeObject('noisy');
  discarded = [];
  for (let i = 0; i < 40; i++) recorder.record(object, { type: 'Normal', reason: 'Noise', action: 'Shout', note: `number ${i}` });
  await recorder.flush();
  expect(await eventsOf('noisy')).toHaveLength(25);
  expect(discarded).toHaveLength(15);
});

it('never fails its caller, whatever the API server does', async () => {
  const closed = new K8sClient({ kubeconfigPath: controlPlane.kubeconfig });
  await closed.close();
  const recorder = recorderOf(closed);
  discarded = [];
  recorder.record(await makeObject('unlucky'), { type: 'Normal', reason: 'Any', action: 'Any', note: 'lost' });
  recorder.record({} as ConfigMap, { type: 'Normal', reason: 'Any', action: 'Any', note: 'no object' });
  await recorder.flush();
  expect(discarded).toEqual(['refused']);
});
