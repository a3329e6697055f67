import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isList, isWatch, startControlPlane, startFaultProxy, statusBody, type FaultProxy, type TestControlPlane } from '@botplane/testing';
import { CONFIG_MAPS, K8sClient, Reflector, SECRETS, keyOf, type ConfigMap, type ReflectorOptions } from '@botplane/k8s';

let controlPlane: TestControlPlane;
let proxy: FaultProxy;
/** Talks to the API server directly: the truth, and the writer. */
let direct: K8sClient;
/** Talks through the proxy: the one under test. */
let client: K8sClient;
let reflector: Reflector<ConfigMap>;
let seen: string[];
let next = 0;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  direct = new K8sClient({ kubeconfigPath: controlPlane.kubeconfig });
}, 120_000);

afterAll(async () => {
  await direct?.close();
  await controlPlane?.stop();
});

beforeEach(async () => {
  proxy = await startFaultProxy(controlPlane);
  client = new K8sClient({ kubeconfigPath: proxy.kubeconfig });
  seen = [];
});

afterEach(async () => {
  await reflector?.stop();
  await client.close();
  await proxy.stop();
});

/** A running, synced reflector of one label's ConfigMaps that writes down what it reports. */
async function start(options: ReflectorOptions<ConfigMap> = {}): Promise<Reflector<ConfigMap>> {
  reflector = new Reflector(client, CONFIG_MAPS, { namespace: 'default', labelSelector: 'watched', backoffMs: 50, ...options });
  reflector.addHandler({
    onAdd: (object) => void seen.push(`add ${object.metadata.name}`),
    onUpdate: (object) => void seen.push(`update ${object.metadata.name}`),
    onDelete: (object, { isTombstone }) => void seen.push(`${isTombstone ? 'tombstone' : 'delete'} ${object.metadata.name}`),
  });
  reflector.start();
  await reflector.waitForSync();
  await expect.poll(() => proxy.openWatches()).toBe(1);
  return reflector;
}

const ref = (name: string) => ({ namespace: 'default', name });
const freshName = () => `watched-${next++}`;

async function write(name = freshName(), data: Record<string, string> = { at: String(next++) }): Promise<string> {
  await direct.apply(CONFIG_MAPS, { metadata: { ...ref(name), labels: { watched: 'yes' } }, data }, { fieldManager: 'test' });
  return name;
}

/** The store holds exactly the objects, at exactly the versions, that a fresh list has. */
async function expectEqualToFreshList(): Promise<void> {
  const versions = (objects: ConfigMap[]) => objects.map((object) => `${keyOf(object)}@${object.metadata.resourceVersion}`).sort();
  await expect
    .poll(async () => {
      const fresh = await direct.list(CONFIG_MAPS, { namespace: 'default', labelSelector: 'watched' });
      return JSON.stringify(versions(fresh.items)) === JSON.stringify(versions(reflector.store.list()));
    }, { timeout: 20_000, interval: 100 })
    .toBe(true);
}

/** The watch itself brings news: no list was needed for it. */
async function expectWatchLives(): Promise<void> {
  expect(reflector.hasSynced).toBe(true);
  await expect.poll(() => proxy.openWatches()).toBe(1);
  const { lists } = reflector.stats;
  const name = await write();
  await expect.poll(() => reflector.store.has(ref(name))).toBe(true);
  expect(reflector.stats.lists).toBe(lists);
}

describe('without faults', () => {
  it('reports adds, updates and deletes, in order, and keeps the store equal', async () => {
    const before = await write();
    await start();
    expect(seen).toContain(`add ${before}`);
    seen.length = 0;
    const name = await write();
    await write(name, { changed: 'yes' });
    await direct.delete(CONFIG_MAPS, ref(name));
    await expect.poll(() => seen).toEqual([`add ${name}`, `update ${name}`, `delete ${name}`]);
    await expectEqualToFreshList();
    expect(reflector.stats.missedEvents).toBe(0);
  });

  it('stores objects without managedFields, and by index', async () => {
    const name = await write(undefined, { owner: 'index-test' });
    await start({ indexers: { owner: (object) => (object.data?.['owner'] ? [object.data['owner']] : []) } });
    expect(reflector.store.get(ref(name))?.metadata.managedFields).toBeUndefined();
    expect(reflector.store.byIndex('owner', 'index-test').map(keyOf)).toEqual([`default/${name}`]);
    await write(name, { owner: 'someone-else' });
    await expect.poll(() => reflector.store.byIndex('owner', 'index-test')).toEqual([]);
  });

  it('selects by field', async () => {
    const [wanted, other] = [await write(), await write()];
    await start({ fieldSelector: `metadata.name=${wanted}` });
    await write(other);
    await write(wanted);
    await expect.poll(() => seen).toEqual([`add ${wanted}`, `update ${wanted}`]);
    expect(reflector.store.size).toBe(1);
  });

  it('watches metadata only, so that no value of a Secret comes in', async () => {
    const secrets = new Reflector(client, SECRETS, { namespace: 'default', metadataOnly: true });
    secrets.start();
    await secrets.waitForSync();
    await expect.poll(() => proxy.openWatches()).toBe(1);
    await direct.create(SECRETS, { metadata: ref('quiet'), stringData: { token: 'never-to-be-seen' } });
    await expect.poll(() => secrets.store.has(ref('quiet'))).toBe(true);
    expect(Object.keys(secrets.store.get(ref('quiet'))!).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
    await secrets.stop();
  });

  it('goes on when a handler throws or rejects', async () => {
    await start();
    reflector.addHandler({
      onAdd: () => {
        throw new Error('a handler that throws');
      },
      onUpdate: () => Promise.reject(new Error('a handler that rejects')),
    });
    const name = await write();
    await write(name, { changed: 'yes' });
    await expect.poll(() => seen.slice(-2)).toEqual([`add ${name}`, `update ${name}`]);
    await expectWatchLives();
    expect(reflector.stats).toMatchObject({ lists: 1, watches: 1, failures: 0 });
  });

  it('asks for bookmarks and for an end within half a minute', async () => {
    await start();
    const request = proxy.requests().find((line) => line.includes('watch=true')) ?? '';
    expect(request).toContain('allowWatchBookmarks=true');
    const seconds = Number(/timeoutSeconds=(\d+)/.exec(request)?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(15);
    expect(seconds).toBeLessThanOrEqual(25);
  });
});

describe('after a fault the store equals a fresh list and the watch lives on', () => {
  it('cut connections', async () => {
    await start();
    seen.length = 0;
    const name = await write();
    await expectEqualToFreshList();
    for (let round = 0; round < 3; round++) {
      proxy.drop();
      await write(name);
      await expectEqualToFreshList();
    }
    // Each change once: the watch goes on from where it was cut, nothing is told again.
    expect(seen).toEqual([`add ${name}`, `update ${name}`, `update ${name}`, `update ${name}`]);
    await expectWatchLives();
    expect(reflector.stats).toMatchObject({ lists: 1, missedEvents: 0 });
  });

  it('an outage during which objects come, change and go', async () => {
    const [changed, gone] = [await write(), await write()];
    await start();
    const end = proxy.outage();
    const added = await write();
    await write(changed);
    await direct.delete(CONFIG_MAPS, ref(gone));
    await expect.poll(() => reflector.stats.failures).toBeGreaterThan(3);
    expect(reflector.lastError).toBeDefined();
    end();
    await expectEqualToFreshList();
    await expectWatchLives();
    expect(seen).toContain(`add ${added}`);
    expect(seen).toContain(`tombstone ${gone}`);
    expect(reflector.stats.missedEvents).toBe(3);
    expect(reflector.lastError).toBeUndefined();
  });

  it('500 on every watch for a while', async () => {
    await start();
    proxy.fail(isWatch, { status: 500, body: statusBody(500, 'InternalError') }, 5);
    proxy.drop();
    await write();
    await expectEqualToFreshList();
    await expectWatchLives();
    expect(reflector.stats.failures).toBeGreaterThanOrEqual(5);
  });

  it('500 and cut lists before the first sync', async () => {
    proxy.fail(isList, { status: 500, body: 'not even JSON' }, 5);
    proxy.fail(isList, 'drop', 2);
    await start();
    await expectEqualToFreshList();
    expect(reflector.stats.lists).toBe(1);
  });

  it('410 as the answer to a watch', async () => {
    await start();
    const { lists } = reflector.stats;
    proxy.fail(isWatch, { status: 410, body: statusBody(410, 'Expired') });
    proxy.drop();
    await write();
    await expectEqualToFreshList();
    expect(reflector.stats.lists).toBe(lists + 1);
    await expectWatchLives();
  });

  it('410 as an ERROR event', async () => {
    await start();
    const { lists } = reflector.stats;
    proxy.inject(`{"type":"ERROR","object":${statusBody(410, 'Expired')}}`);
    await expect.poll(() => reflector.stats.lists).toBe(lists + 1);
    await expectEqualToFreshList();
    await expectWatchLives();
  });

  it('another ERROR event, which must not end the watch for good', async () => {
    await start();
    proxy.inject(`{"type":"ERROR","object":${statusBody(500, 'InternalError')}}`);
    await expect.poll(() => reflector.stats.watches).toBeGreaterThan(1);
    await write();
    await expectEqualToFreshList();
    await expectWatchLives();
  });

  it('429 with Retry-After, which is honoured', async () => {
    await start();
    proxy.fail(isWatch, { status: 429, headers: { 'retry-after': '2' }, body: statusBody(429, 'TooManyRequests') });
    const startedMs = performance.now();
    proxy.drop();
    await write();
    await expectEqualToFreshList();
    expect(performance.now() - startedMs).toBeGreaterThan(2_000);
    await expectWatchLives();
  });

  it('an event sent in half before the cut', async () => {
    await start();
    proxy.cutNextLine();
    const name = await write();
    await expect.poll(() => reflector.store.has(ref(name))).toBe(true);
    await expectEqualToFreshList();
    await expectWatchLives();
    expect(seen.filter((line) => line === `add ${name}`)).toHaveLength(1);
  });

  it('a line that is not JSON', async () => {
    await start();
    proxy.inject('{"type":"ADDED","object":{');
    await write();
    await expectEqualToFreshList();
    await expectWatchLives();
    expect(reflector.stats.failures).toBe(1);
  });

  it('a peer that falls silent with the connection open', async () => {
    await start({ silenceMsMax: 2_000 });
    proxy.stall();
    const name = await write();
    await expect.poll(() => reflector.store.has(ref(name))).toBe(true);
    await expectEqualToFreshList();
    await expectWatchLives();
  });

  it('a watch that ends at once again and again, without a hot loop', async () => {
    await start();
    proxy.fail(isWatch, { status: 200 }, 1_000);
    proxy.drop();
    const before = proxy.requests().length;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(proxy.requests().length - before).toBeLessThan(30);
  });

  it('a restart of kube-apiserver', async () => {
    await start();
    await controlPlane.restartApiServer();
    await write();
    await expectEqualToFreshList();
    await expectWatchLives();
    expect(reflector.lastError).toBeUndefined();
  });
});

describe('stop', () => {
  it('is final: no event, no request afterwards', async () => {
    await start();
    await reflector.stop();
    const requests = proxy.requests().length;
    const events = seen.length;
    await write();
    proxy.drop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(proxy.requests()).toHaveLength(requests);
    expect(seen).toHaveLength(events);
    expect(() => reflector.start()).toThrow('was stopped');
  });

  it('ends a wait for a sync that cannot come', async () => {
    proxy.outage();
    reflector = new Reflector(client, CONFIG_MAPS);
    reflector.start();
    const waiting = reflector.waitForSync().catch((error: unknown) => String(error));
    await expect(reflector.waitForSync(AbortSignal.timeout(50))).rejects.toThrow(/time/i);
    await reflector.stop();
    expect(await waiting).toContain('was stopped');
  });
});
