import { afterAll, beforeAll, expect, it } from 'vitest';
import { installTestCrd, WIDGETS, type Widget } from './widget.ts';
import { startControlPlane, startFaultProxy, type FaultProxy, type TestControlPlane } from '@botplane/testing';
import {
  CONFIG_MAPS, Controller, K8sClient, Reflector, applyIfChanged, controllerOf, controllerRef, ensureFinalizer, isDeleting, isTrue, keyOf, refOf, releaseFinalizer,
  setCondition, statusEquals, type ConfigMap, type ReconcileContext,
} from '@botplane/k8s';

const FINALIZER = 'botplane.dev/cleanup';
const MANAGER = { fieldManager: 'botplane-test', force: true };
const STATUS_MANAGER = { fieldManager: 'botplane-test-status', force: true };

let controlPlane: TestControlPlane;
let proxy: FaultProxy;
let direct: K8sClient;
let client: K8sClient;
let widgets: Reflector<Widget>;
let configMaps: Reflector<ConfigMap>;
let controller: Controller;
let reconciles = 0;

/** A small but whole operator: finalizer, one owned child, status. */
async function reconcile(key: string, { signal }: ReconcileContext): Promise<void> {
  reconciles++;
  const cached = widgets.store.get(key);
  if (!cached) return;
  if (isDeleting(cached)) return void (await releaseFinalizer(client, WIDGETS, cached, FINALIZER, { signal }));
  const widget = await ensureFinalizer(client, WIDGETS, cached, FINALIZER, { signal });
  const child = {
    metadata: { ...refOf(widget), ownerReferences: [controllerRef(widget)], labels: { part: 'child' } },
    data: { size: String(widget.spec.size) },
  };
  await applyIfChanged(client, CONFIG_MAPS, configMaps.store.get(key), child, { ...MANAGER, signal });
  const ready = { type: 'Ready', status: 'True', reason: 'Applied', message: '', observedGeneration: widget.metadata.generation ?? 0 } as const;
  const status = { conditions: setCondition(widget.status?.conditions, ready, new Date().toISOString()) };
  if (!statusEquals(status, widget.status)) await client.applyStatus(WIDGETS, { metadata: refOf(widget), status }, { ...STATUS_MANAGER, signal });
}

beforeAll(async () => {
  controlPlane = await startControlPlane();
  direct = new K8sClient({ kubeconfigPath: controlPlane.kubeconfig });
  await installTestCrd(direct);
  proxy = await startFaultProxy(controlPlane);
  client = new K8sClient({ kubeconfigPath: proxy.kubeconfig });
  widgets = new Reflector(client, WIDGETS, { backoffMs: 50 });
  configMaps = new Reflector(client, CONFIG_MAPS, { labelSelector: 'part=child', backoffMs: 50 });
  controller = new Controller({ name: 'widget', concurrency: 4, reconcile });
  controller.watch(widgets).watch(configMaps, (child) => {
    const owner = controllerOf(child);
    return owner?.kind === 'Widget' ? [keyOf({ name: owner.name, namespace: child.metadata.namespace! })] : [];
  });
  widgets.start();
  configMaps.start();
  await controller.start();
}, 120_000);

afterAll(async () => {
  await controller?.stop();
  await widgets?.stop();
  await configMaps?.stop();
  await client?.close();
  await direct?.close();
  await proxy?.stop();
  await controlPlane?.stop();
});

const ref = (name: string) => ({ namespace: 'default', name });
const make = (name: string, size: number) => direct.apply(WIDGETS, { metadata: ref(name), spec: { size } }, { fieldManager: 'person', force: true });
const writes = () => proxy.requests().filter((request) => !request.startsWith('GET')).length;

async function isReady(name: string): Promise<boolean> {
  const widget = await direct.get(WIDGETS, ref(name));
  return isTrue(widget?.status?.conditions, 'Ready', widget?.metadata.generation);
}

async function sizeOfChild(name: string): Promise<string | undefined> {
  return (await direct.get(CONFIG_MAPS, ref(name)))?.data?.['size'];
}

it('brings an object to Ready, and writes nothing on a reconcile without a change', async () => {
  const before = writes();
  await make('quiet', 1);
  await expect.poll(() => isReady('quiet')).toBe(true);
  await expect.poll(() => controller.queue.length + controller.queue.active).toBe(0);
  // Child, status, finalizer; a reconcile that saw an old cache may repeat one of them.
  expect(writes() - before).toBeGreaterThanOrEqual(3);
  const settled = writes();
  const ran = reconciles;
  for (let i = 0; i < 5; i++) {
    controller.enqueue('default/quiet');
    await expect.poll(() => reconciles).toBeGreaterThan(ran + i);
  }
  await expect.poll(() => controller.queue.active).toBe(0);
  expect(writes()).toBe(settled);
});

it('puts back what someone changed or deleted', async () => {
  await make('guarded', 7);
  await expect.poll(() => sizeOfChild('guarded')).toBe('7');
  await direct.patch(CONFIG_MAPS, ref('guarded'), { type: 'merge', body: { data: { size: '8' } } });
  await expect.poll(() => sizeOfChild('guarded')).toBe('7');
  await direct.delete(CONFIG_MAPS, ref('guarded'));
  await expect.poll(() => sizeOfChild('guarded')).toBe('7');
});

it('lets a deleted object go only after the finalizer was released', async () => {
  await make('leaving', 1);
  await expect.poll(() => isReady('leaving')).toBe(true);
  await direct.delete(WIDGETS, ref('leaving'));
  await expect.poll(() => direct.get(WIDGETS, ref('leaving'))).toBeUndefined();
});

it('ends right through drops, 429, 500 and an outage, with 100 objects', async () => {
  const names = Array.from({ length: 100 }, (_, i) => `storm-${i}`);
  const isWrite = (request: { method?: string | undefined }) => request.method === 'PATCH';
  for (const [i, name] of names.entries()) {
    await make(name, i);
    if (i % 20 === 5) proxy.drop();
    if (i % 20 === 10) proxy.fail(isWrite, { status: 500, body: '' }, 3);
    if (i % 20 === 15) proxy.fail(isWrite, { status: 429, headers: { 'retry-after': '1' } }, 2);
  }
  const end = proxy.outage();
  await make('storm-0', 1_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  end();
  await expect.poll(async () => (await Promise.all(names.map(isReady))).filter(Boolean).length, { timeout: 30_000, interval: 500 }).toBe(100);
  expect(await sizeOfChild('storm-0')).toBe('1000');
  expect(await sizeOfChild('storm-99')).toBe('99');
});
