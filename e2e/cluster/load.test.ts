import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, NAMESPACE } from '../src/cluster/cluster.ts';
import { DELETE_EVERY_MS, DELETIONS_MS, ROLLOUT_S_MAX } from '../src/cluster/limits.ts';
import { Load } from '../src/cluster/load.ts';
import { ROOT } from '../src/environment.ts';

const NOTHING_WRONG = { lost: 0, duplicated: 0, reordered: 0, unexpected: 0 };
/** What may go at any time. The simulator plays Telegram, and the servers of the profile quickstart are single. */
const SERVICES = ['operator', 'ingress', 'executor', 'delivery', 'api'] as const;

describe('[P9] while 100 updates per second flow', () => {
  const cluster = new Cluster();
  let load: Load;
  beforeAll(async () => {
    load = await Load.start(cluster);
  });
  afterAll(() => load?.stop());

  const upgrade = (...values: string[]): Promise<string> => cluster.helm(['upgrade', 'botplane', join(ROOT, 'charts/botplane'), '--reuse-values', ...values.flatMap((value) => ['--set-string', value])]);
  const uids = async (service: string): Promise<string[]> => (await cluster.pods(service)).map(({ metadata }) => metadata.uid);

  it.each(['ingress', 'executor', 'delivery', 'runtime'])('%s goes from one to three pods and back, and nothing is lost, doubled or reordered', async (service) => {
    expect(await load.during(`scale-${service}`, async () => {
      await cluster.scale(service, 3);
      await sleep(DELETE_EVERY_MS);
      await cluster.scale(service, 1);
    })).toEqual(NOTHING_WRONG);
  });

  it('an upgrade of the operator restarts no runtime pod', async () => {
    const [runtime, operator] = [await uids('runtime'), await uids('operator')];
    expect(await load.during('upgrade-operator', async () => {
      await upgrade('operator.podAnnotations.round=one');
      await cluster.untilRolledOut();
      await cluster.untilPods('operator', 1);
    })).toEqual(NOTHING_WRONG);
    expect(await uids('operator')).not.toEqual(operator);
    expect(await uids('runtime')).toEqual(runtime);
  });

  it('helm upgrade and rollback of everything lose, double and reorder nothing', async () => {
    const before = await Promise.all([...SERVICES, 'runtime'].map(uids));
    const revision = (JSON.parse(await cluster.helm(['history', 'botplane', '-o', 'json'])) as { revision: number }[]).at(-1)?.revision ?? 0;
    const rolledOut = async (): Promise<void> => {
      await cluster.untilRolledOut();
      for (const service of [...SERVICES, 'runtime']) await cluster.untilPods(service, 1);
    };
    expect(await load.during('upgrade-and-rollback', async () => {
      await upgrade(...SERVICES.map((service) => `${service}.podAnnotations.round=two`), 'runtime.template.annotations.round=two');
      await rolledOut();
      const during = await Promise.all([...SERVICES, 'runtime'].map(uids));
      for (const [index, pods] of during.entries()) expect(pods).not.toEqual(before[index]);
      await cluster.helm(['rollback', 'botplane', String(revision)]);
      await rolledOut();
    })).toEqual(NOTHING_WRONG);
  });

  it('every pod is deleted in turn, one every five seconds, and nothing is lost, doubled or reordered', async () => {
    const forMs = process.env['CLUSTER_FULL'] === '1' ? DELETIONS_MS.full : DELETIONS_MS.short;
    expect(await load.during('delete-each-pod', async () => {
      const victims = [...SERVICES, 'runtime'];
      for (let round = 0; round * DELETE_EVERY_MS < forMs; round++) {
        const pod = (await cluster.pods(victims[round % victims.length] ?? '')).find(({ metadata }) => metadata.deletionTimestamp === undefined);
        if (pod !== undefined) await cluster.kubectl(['delete', 'pod', pod.metadata.name, '--namespace', NAMESPACE, '--wait=false']);
        await sleep(DELETE_EVERY_MS);
      }
      for (const service of victims) await cluster.untilPods(service, 1);
    })).toEqual(NOTHING_WRONG);
  });

  it.each(['ingress', 'executor', 'delivery', 'runtime'])('all pods of %s are evicted, as its disruption budget allows, and nothing is lost, doubled or reordered', async (service) => {
    expect(await load.during(`evict-${service}`, async () => {
      await cluster.scale(service, 2);
      for (const { metadata } of await cluster.pods(service)) await evict(metadata.name);
      await cluster.untilPods(service, 2);
      await cluster.scale(service, 1);
    })).toEqual(NOTHING_WRONG);
  });

  /** As `kubectl drain` does: asks again while the budget says no. */
  async function evict(name: string): Promise<void> {
    const body = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } });
    const endMs = Date.now() + ROLLOUT_S_MAX * 1_000;
    for (;;) {
      const refusal = await cluster.kubectl(['create', '--raw', `/api/v1/namespaces/${NAMESPACE}/pods/${name}/eviction`, '-f', '-'], body).then(() => undefined, (error: Error) => error.message);
      if (refusal === undefined || /NotFound|not found/.test(refusal)) return;
      if (!/TooManyRequests|disruption budget/.test(refusal) || Date.now() > endMs) throw new Error(`${name} was not evicted: ${refusal}`);
      await sleep(1_000);
    }
  }
});
