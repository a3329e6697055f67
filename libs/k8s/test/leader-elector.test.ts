import { setTimeout as sleep } from 'node:timers/promises';
import { startControlPlane, startFaultProxy, type FaultProxy, type TestControlPlane } from '@botplane/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { K8sClient, LEASES, LeaderElector, NotLeaderError } from '../src/index.ts';

const LEASE_MS = { leaseDurationMs: 3_000, renewDeadlineMs: 1_500, retryMs: 300 };

let cluster: TestControlPlane;
let proxy: FaultProxy;
beforeAll(async () => {
  cluster = await startControlPlane();
  proxy = await startFaultProxy(cluster);
});
afterAll(async () => {
  await proxy?.stop();
  await cluster?.stop();
});

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

let leases = 0;
const newLease = () => ({ namespace: 'default', name: `election-${++leases}` });

/** One process of an election; `direct` goes past the proxy. */
function candidate(identity: string, lease: { namespace: string; name: string }, options: { direct?: boolean } = {}) {
  const client = new K8sClient({ kubeconfigPath: options.direct ? cluster.kubeconfig : proxy.kubeconfig });
  const lost: Error[] = [];
  const elector = new LeaderElector({ client, lease, identity, onLost: (cause) => lost.push(cause), ...LEASE_MS });
  ended.push(async () => {
    await elector.release();
    await client.close();
  });
  return { elector, lost, read: () => client.get(LEASES, lease) };
}

describe('a leader', () => {
  it('[C6] is one of many; the others may not write, and one takes over at once when it goes', async () => {
    const lease = newLease();
    const [a, b] = [candidate('a', lease), candidate('b', lease)];
    await a.elector.acquire();
    const taken = b.elector.acquire();
    await sleep(LEASE_MS.leaseDurationMs + 1_000);
    expect([a.elector.isLeader, b.elector.isLeader]).toEqual([true, false]);
    expect(() => a.elector.assertLeader()).not.toThrow();
    expect(() => b.elector.assertLeader()).toThrow(NotLeaderError);

    const startMs = performance.now();
    await a.elector.release();
    expect(() => a.elector.assertLeader()).toThrow(NotLeaderError);
    await taken;
    expect(performance.now() - startMs).toBeLessThan(LEASE_MS.leaseDurationMs);
    expect((await b.read())?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    expect([a.lost, b.lost]).toEqual([[], []]);
  });

  it('stops writing before its lease runs out, when it cannot renew; only then another leads', async () => {
    const lease = newLease();
    const [a, b] = [candidate('a', lease), candidate('b', lease, { direct: true })];
    await a.elector.acquire();
    let closedMs: number | undefined;
    const fence = setInterval(() => {
      if (!a.elector.isLeader) closedMs ??= performance.now();
    }, 10);
    const back = proxy.outage();
    await b.elector.acquire();
    const takenMs = performance.now();
    clearInterval(fence);
    back();
    expect(closedMs).toBeLessThan(takenMs);
    expect(a.lost).toHaveLength(1);
  });

  it('stops when somebody else holds the lease, and takes a lost answer for what it is', async () => {
    const lease = newLease();
    const a = candidate('a', lease);
    await a.elector.acquire();
    // As after a renewal whose answer was lost: the version is not the one in hand.
    await new K8sClient({ kubeconfigPath: cluster.kubeconfig }).patch(LEASES, lease, { type: 'merge', body: { metadata: { labels: { touched: 'yes' } } } });
    await sleep(LEASE_MS.renewDeadlineMs);
    expect([a.elector.isLeader, a.lost]).toEqual([true, []]);

    // A patch without a version: a renewal may come between a read and a write.
    await new K8sClient({ kubeconfigPath: cluster.kubeconfig }).patch(LEASES, lease, { type: 'merge', body: { spec: { holderIdentity: 'thief' } } });
    await expect.poll(() => a.lost.map(String)).toEqual(['Error: the lease is held by "thief"']);
    expect(a.elector.isLeader).toBe(false);
  });

  it('takes its own lease over at once after a restart', async () => {
    const lease = newLease();
    const client = new K8sClient({ kubeconfigPath: cluster.kubeconfig });
    await client.create(LEASES, { metadata: lease, spec: { holderIdentity: 'a', leaseDurationSeconds: 3_600, leaseTransitions: 4 } });
    const startMs = performance.now();
    await candidate('a', lease).elector.acquire();
    expect(performance.now() - startMs).toBeLessThan(60_000); // Of the hour that it holds.
    await client.close();
  });
});
