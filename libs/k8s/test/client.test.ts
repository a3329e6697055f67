import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isList, makeTempFolder, removeTempFolder, startControlPlane, startFaultProxy, statusBody, writeKubeconfigOf, type FaultProxy, type TestControlPlane } from '@botplane/testing';
import {
  CONFIG_MAPS, DEPLOYMENTS, K8sClient, LEASES, NAMESPACES, SECRETS, applyIfChanged, ensureFinalizer, hasFinalizer, isAlreadyExists, isConflict, isInvalid,
  microTime, releaseFinalizer,
} from '@botplane/k8s';

let controlPlane: TestControlPlane;
let proxy: FaultProxy;
let client: K8sClient;
let proxied: K8sClient;
let folder: string;

beforeAll(async () => {
  folder = makeTempFolder('k8s-client');
  controlPlane = await startControlPlane();
  proxy = await startFaultProxy(controlPlane);
  client = new K8sClient({ kubeconfigPath: controlPlane.kubeconfig });
  proxied = new K8sClient({ kubeconfigPath: proxy.kubeconfig });
}, 120_000);

afterAll(async () => {
  await client?.close();
  await proxied?.close();
  await proxy?.stop();
  await controlPlane?.stop();
  removeTempFolder(folder);
});

const configMap = (name: string, data: Record<string, string> = {}) => ({ metadata: { name, namespace: 'default' }, data });

describe('verbs', () => {
  it('[C5] reads what it wrote as raw JSON, and undefined for what is not there', async () => {
    const created = await client.create(CONFIG_MAPS, configMap('raw', { a: '1' }));
    expect(typeof created.metadata.creationTimestamp).toBe('string');
    expect(await client.get(CONFIG_MAPS, { namespace: 'default', name: 'raw' })).toEqual(created);
    expect(await client.get(CONFIG_MAPS, { namespace: 'default', name: 'none' })).toBeUndefined();
  });

  it('tells a taken name from a lost race', async () => {
    await client.create(CONFIG_MAPS, configMap('twice'));
    const again = await client.create(CONFIG_MAPS, configMap('twice')).catch((error: unknown) => error);
    expect(isAlreadyExists(again)).toBe(true);
    expect(isConflict(again)).toBe(false);
  });

  it('lists across pages at one version, with the type filled in', async () => {
    const names = Array.from({ length: 7 }, (_, i) => `page-${i}`);
    for (const name of names) await client.create(CONFIG_MAPS, { metadata: { name, namespace: 'default', labels: { paged: 'yes' } } });
    const list = await client.list(CONFIG_MAPS, { namespace: 'default', labelSelector: 'paged=yes', pageSize: 3 });
    expect(list.items.map((item) => item.metadata.name)).toEqual(names);
    expect(list.items[6]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(Number(list.resourceVersion)).toBeGreaterThan(0);
  });

  it('lists whole when the continue token expired', async () => {
    const isSecondPage = (request: { url?: string | undefined }) => request.url!.includes('continue=');
    proxy.fail(isSecondPage, { status: 410, body: statusBody(410, 'Expired') });
    const list = await proxied.list(CONFIG_MAPS, { namespace: 'default', labelSelector: 'paged=yes', pageSize: 3 });
    expect(list.items).toHaveLength(7);
  });

  it('applies server-side: creates, owns fields, drops what it leaves out, refuses a foreign field unless forced', async () => {
    const ref = { namespace: 'default', name: 'applied' };
    await client.apply(CONFIG_MAPS, configMap('applied', { a: '1', b: '2' }), { fieldManager: 'one' });
    const second = await client.apply(CONFIG_MAPS, configMap('applied', { a: '1' }), { fieldManager: 'one' });
    expect(second.data).toEqual({ a: '1' });
    const refused = await client.apply(CONFIG_MAPS, configMap('applied', { a: '9' }), { fieldManager: 'two' }).catch((error: unknown) => error);
    expect(isConflict(refused)).toBe(true);
    await client.apply(CONFIG_MAPS, configMap('applied', { a: '9' }), { fieldManager: 'two', force: true });
    expect((await client.get(CONFIG_MAPS, ref))?.data).toEqual({ a: '9' });
  });

  it('writes status by apply and by compare-and-set', async () => {
    const labels = { app: 'status' };
    const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } } };
    const created = await client.create(DEPLOYMENTS, { metadata: { name: 'status', namespace: 'default' }, spec });
    const applied = await client.applyStatus(DEPLOYMENTS, { metadata: { name: 'status', namespace: 'default' }, status: { replicas: 1 } }, { fieldManager: 'op' });
    expect(applied.status?.replicas).toBe(1);
    const stale = await client.replaceStatus(DEPLOYMENTS, { ...created, status: { replicas: 2 } }).catch((error: unknown) => error);
    expect(isConflict(stale)).toBe(true);
    const fresh = await client.replaceStatus(DEPLOYMENTS, { ...applied, status: { replicas: 3 } });
    expect(fresh.status?.replicas).toBe(3);
    expect(fresh.spec?.replicas).toBe(created.spec?.replicas);
  });

  it('patches in three ways, and refuses a patch against another version', async () => {
    const ref = { namespace: 'default', name: 'patched' };
    const created = await client.create(CONFIG_MAPS, configMap('patched', { a: '1', b: '2' }));
    await client.patch(CONFIG_MAPS, ref, { type: 'merge', body: { data: { b: null } } });
    await client.patch(CONFIG_MAPS, ref, { type: 'strategic', body: { data: { c: '3' } } });
    const done = await client.patch(CONFIG_MAPS, ref, { type: 'json', body: [{ op: 'replace', path: '/data/a', value: '4' }] });
    expect(done.data).toEqual({ a: '4', c: '3' });
    const stale = { metadata: { resourceVersion: created.metadata.resourceVersion }, data: { a: '5' } };
    expect(isConflict(await client.patch(CONFIG_MAPS, ref, { type: 'merge', body: stale }).catch((error: unknown) => error))).toBe(true);
  });

  it('deletes under preconditions, and says when there was nothing to delete', async () => {
    const ref = { namespace: 'default', name: 'deleted' };
    const created = await client.create(CONFIG_MAPS, configMap('deleted'));
    const other = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
    expect(isConflict(await client.delete(CONFIG_MAPS, ref, other).catch((error: unknown) => error))).toBe(true);
    const options = { gracePeriodSeconds: 0, propagationPolicy: 'Background', preconditions: { uid: created.metadata.uid! } } as const;
    expect(await client.delete(CONFIG_MAPS, ref, options)).toBe(true);
    expect(await client.delete(CONFIG_MAPS, ref)).toBe(false);
  });

  it('reads Secrets without their values', async () => {
    await client.create(SECRETS, { metadata: { name: 'token', namespace: 'default' }, stringData: { token: 'value-of-the-secret' } });
    const one = await client.getMetadata(SECRETS, { namespace: 'default', name: 'token' });
    const all = await client.listMetadata(SECRETS, { namespace: 'default' });
    expect(one?.metadata.name).toBe('token');
    expect(all.items.map((item) => item.metadata.name)).toContain('token');
    expect(JSON.stringify([one, all])).not.toContain(Buffer.from('value-of-the-secret').toString('base64'));
  });

  it('keeps a Lease by compare-and-set with micro times', async () => {
    const lease = await client.create(LEASES, { metadata: { name: 'node', namespace: 'default' }, spec: { holderIdentity: 'me', renewTime: microTime() } });
    const renewed = await client.replace(LEASES, { ...lease, spec: { ...lease.spec, renewTime: microTime() } });
    expect(renewed.spec?.renewTime).toMatch(/\.\d{6}Z$/);
    expect(isConflict(await client.replace(LEASES, lease).catch((error: unknown) => error))).toBe(true);
  });

  it('passes on why an object was refused', async () => {
    const error = await client.create(CONFIG_MAPS, configMap('Not_A_Name')).catch((caught: unknown) => caught);
    expect(isInvalid(error)).toBe(true);
    expect((error as Error).message).toContain('metadata.name');
  });
});

describe('helpers that write', () => {
  it('adds and removes a finalizer without losing the others', async () => {
    const created = await client.create(CONFIG_MAPS, { metadata: { name: 'final', namespace: 'default', finalizers: ['example.com/other'] } });
    const guarded = await ensureFinalizer(client, CONFIG_MAPS, created, 'botplane.dev/cleanup');
    expect(guarded.metadata.finalizers).toEqual(['example.com/other', 'botplane.dev/cleanup']);
    expect(await ensureFinalizer(client, CONFIG_MAPS, guarded, 'botplane.dev/cleanup')).toBe(guarded);
    const stale = await releaseFinalizer(client, CONFIG_MAPS, { ...guarded, metadata: { ...guarded.metadata, resourceVersion: '1' } }, 'botplane.dev/cleanup').catch((error: unknown) => error);
    expect(isConflict(stale)).toBe(true);
    const released = await releaseFinalizer(client, CONFIG_MAPS, guarded, 'botplane.dev/cleanup');
    expect(hasFinalizer(released!, 'botplane.dev/cleanup')).toBe(false);
    expect(hasFinalizer(released!, 'example.com/other')).toBe(true);
  });

  it('applies only what differs: not twice the same, but what others changed and what was left out', async () => {
    const options = { fieldManager: 'botplane-operator', force: true };
    const ref = { namespace: 'default', name: 'quiet' };
    const labels = { app: 'quiet' };
    const container = { name: 'c', image: 'i', env: [{ name: 'A', value: '1' }], resources: { limits: { memory: '64Mi' } } };
    const desired = {
      metadata: { ...ref, labels },
      spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
    };
    const apply = async (wanted: typeof desired) => applyIfChanged(client, DEPLOYMENTS, await client.get(DEPLOYMENTS, ref), wanted, options);
    expect((await apply(desired)).written).toBe(true);
    expect((await apply(desired)).written).toBe(false);
    await client.patch(DEPLOYMENTS, ref, { type: 'merge', body: { spec: { replicas: 2 } } });
    expect(await apply(desired)).toMatchObject({ written: true, object: { spec: { replicas: 0 } } });
    const fewer = await apply({ ...desired, metadata: { ...ref, labels: {} as typeof labels } });
    expect(fewer.written).toBe(true);
    expect(fewer.object.metadata.labels ?? {}).toEqual({});
  });
});

describe('the network', () => {
  it('uses a handful of connections for many calls', async () => {
    const before = proxy.connections();
    for (let i = 0; i < 50; i++) await proxied.get(NAMESPACES, { name: 'default' });
    // Not always one: a connection may end of age on either side just then, and the pool opens another while one is still being freed.
    expect(proxy.connections() - before).toBeLessThanOrEqual(5);
  });

  it('repeats a read that met a cut, a 500 and a 429, and waits as long as Retry-After says', async () => {
    const isIt = (request: { url?: string | undefined }) => request.url!.includes('/namespaces/kube-system');
    proxy.fail(isIt, 'drop');
    proxy.fail(isIt, { status: 500, body: statusBody(500, 'InternalError') });
    proxy.fail(isIt, { status: 429, headers: { 'retry-after': '1' }, body: statusBody(429, 'TooManyRequests') });
    const startedMs = performance.now();
    const namespace = await proxied.get(NAMESPACES, { name: 'kube-system' });
    expect(namespace?.metadata.name).toBe('kube-system');
    expect(performance.now() - startedMs).toBeGreaterThan(1_000);
  });

  it('gives a read up after four tries', async () => {
    proxy.fail(isList, { status: 503, body: 'upstream is away' }, 4);
    await expect(proxied.get(NAMESPACES, { name: 'default' })).rejects.toMatchObject({ status: 503, reason: 'Http503' });
    expect(await proxied.get(NAMESPACES, { name: 'default' })).toBeDefined();
  });

  it('never repeats a write', async () => {
    const isPost = (request: { method?: string | undefined }) => request.method === 'POST';
    proxy.fail(isPost, { status: 429, headers: { 'retry-after': '7' }, body: statusBody(429, 'TooManyRequests') });
    const before = proxy.requests().length;
    await expect(proxied.create(CONFIG_MAPS, configMap('once'))).rejects.toMatchObject({ status: 429, retryAfterMs: 7_000 });
    expect(proxy.requests().length - before).toBe(1);
  });

  it('ends a request at its time limit, and at once when the caller aborts', async () => {
    const slow = { method: 'POST', path: '/api/v1/namespaces/default/configmaps', body: configMap('slow'), timeoutMs: 50 } as const;
    proxy.fail((request) => request.method === 'POST', 'hang');
    await expect(proxied.request(slow)).rejects.toMatchObject({ status: 0, reason: 'ClientTimeout' });
    const reason = new Error('no longer wanted');
    const aborted = AbortSignal.abort(reason);
    await expect(client.get(NAMESPACES, { name: 'default' }, { signal: aborted })).rejects.toBe(reason);
  });

  it('reads a token file again when its token is refused, as in a pod', async () => {
    const tokenFile = join(folder, 'token');
    const kubeconfigPath = join(folder, 'token-kubeconfig');
    await writeFile(tokenFile, 'an-old-token\n');
    const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
    await writeKubeconfigOf(kubeconfigPath, { server: controlPlane.url, 'certificate-authority': controlPlane.files.caCert }, user);
    const rotating = new K8sClient({ kubeconfigPath });
    await expect(rotating.get(NAMESPACES, { name: 'default' })).rejects.toMatchObject({ status: 401 });
    await writeFile(tokenFile, `${controlPlane.token}\n`);
    await expect.poll(() => isThere(rotating)).toBe(true);
    await rotating.close();
  });

  it('connects anew when the CA file changes', async () => {
    const caFile = join(folder, 'ca.crt');
    const kubeconfigPath = join(folder, 'ca-kubeconfig');
    await writeFile(caFile, String(rootCertificates[0])); // A real authority, but not this server's.
    await writeKubeconfigOf(kubeconfigPath, { server: controlPlane.url, 'certificate-authority': caFile }, { token: controlPlane.token });
    const renewed = new K8sClient({ kubeconfigPath });
    await expect(renewed.get(NAMESPACES, { name: 'default' })).rejects.toMatchObject({ status: 0, reason: 'NetworkError' });
    await copyFile(controlPlane.files.caCert, caFile);
    await expect.poll(() => isThere(renewed), { timeout: 20_000, interval: 500 }).toBe(true);
    await renewed.close();
  });
});

const isThere = (client: K8sClient): Promise<boolean> => client.get(NAMESPACES, { name: 'default' }).then(Boolean, () => false);
