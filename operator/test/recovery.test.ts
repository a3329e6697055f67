import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DEPLOYMENTS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS, SERVICE_ACCOUNTS } from '@botplane/k8s';
import { whileDown } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAILPOINTS, FAILPOINT_EXIT_CODE } from '../src/failpoints.ts';
import { BOT, INSTALL_NAMESPACE, REVISION, RUNTIME, botIs, conditionOf, echoSpec, editBot, eventually, isServing, makeBot, serveBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
}, 120_000);
afterAll(async () => world?.stop());

const restart = async (): Promise<void> => {
  await world.operator.stop();
  await world.operator.start();
};

describe('nothing is written twice', () => {
  it('[C1] a reconcile of what is so already writes nothing, also after a restart', async () => {
    const { namespace, token, read } = await serveBot(world);
    await eventually(() => world.client.get(RUNTIME, { namespace: INSTALL_NAMESPACE, name: 'default' }), (runtime) => conditionOf(runtime, 'Ready') === 'True/PodsReady');
    const versions = async () => {
      const lists = await Promise.all([
        world.client.list(BOT, { namespace }), world.client.list(REVISION, { namespace }), world.client.list(RUNTIME), world.client.list(DEPLOYMENTS),
        world.client.list(SERVICE_ACCOUNTS, { namespace: INSTALL_NAMESPACE }), world.client.list(POD_DISRUPTION_BUDGETS), world.client.list(NETWORK_POLICIES),
      ]);
      // Status of Deployment and PDB belongs to kube-controller-manager: their generation tells our writes.
      return lists.flatMap(({ items }) => items.map(({ kind, metadata }) => `${kind}/${metadata.name}@${kind === 'Deployment' || kind === 'PodDisruptionBudget' ? metadata.generation : metadata.resourceVersion}`));
    };
    const kv = async () => (await Promise.all(['KV_routes', 'KV_runtimes', 'KV_credentials', 'KV_tokens'].map((stream) => world.nats.jsm.streams.info(stream)))).map((info) => info.state.last_seq);
    const written = async () => ({ objects: await versions(), kv: await kv(), calls: (await world.calls(token)).length });
    // What follows from the creation has ended when nothing has changed for a second.
    let before = await written();
    await eventually(async () => {
      const earlier = before;
      await sleep(1_000);
      before = await written();
      return { isQuiet: isDeepStrictEqual(before, earlier) };
    }, ({ isQuiet }) => isQuiet);

    await restart();
    await sleep(2_000);
    expect(await written()).toEqual(before);
    expect(isServing((await read())!)).toBe(true);
  });
});

describe('[P7] an operator that dies at any step of a flip', () => {
  it.each(FAILPOINTS)('%s: the bot never loses its route and ends on the new revision', async (failpoint) => {
    const { namespace, name, bot, botId, read } = await serveBot(world);
    const folder = join(world.folder, `failpoints-${failpoint}`);
    await world.operator.stop();
    const exited = world.operator.runUntilExit({ BOTPLANE_FAILPOINTS: failpoint, BOTPLANE_FAILPOINT_DIR: folder });
    await editBot(world, { namespace, name }, { botSpec: echoSpec(`after ${failpoint}`) });
    expect(await exited).toBe(FAILPOINT_EXIT_CODE);

    const between = await world.routeOf(botId);
    expect(between).toMatchObject({ state: 'Serving', uid: bot.metadata.uid });
    const routed = between?.split[0]?.revision ?? '';
    expect(await world.client.get(REVISION, { namespace, name: routed })).toBeDefined();

    await world.operator.start({ BOTPLANE_FAILPOINTS: failpoint, BOTPLANE_FAILPOINT_DIR: folder });
    const after = await eventually(read, isServing);
    expect(after.status?.stableRevision).not.toBe(bot.status?.stableRevision);
    const route = await world.routeOf(botId);
    expect(route).toMatchObject({ routeSeq: 2, split: [{ revision: after.status?.stableRevision }] });
    expect(after.status?.routeSeq).toBe(route?.routeSeq);
  });
});

describe('projections can be rebuilt', () => {
  it('puts a lost route again from status', async () => {
    const { botId } = await serveBot(world);
    const before = await world.routeOf(botId);
    await world.stores.routes.delete(botId);
    await eventually(() => world.routeOf(botId), () => true);
    expect(await world.routeOf(botId)).toEqual(before);
  });

  it('adopts the route when status is lost', async () => {
    const { namespace, bot, botId, read } = await serveBot(world);
    await world.operator.stop();
    await world.client.replaceStatus(BOT, { ...(await read())!, status: {} });
    await world.operator.start();
    const adopted = await eventually(read, isServing);
    expect(adopted.status).toMatchObject({ stableRevision: bot.status?.stableRevision, routeSeq: 1 });
    expect(await world.routeOf(botId)).toMatchObject({ routeSeq: 1 });
    expect((await world.client.list(REVISION, { namespace })).items.map((revision) => revision.metadata.name)).toEqual([bot.status?.stableRevision]);
  });

  it('serves the newest ready revision when status and route are lost', async () => {
    const { bot, botId, read } = await serveBot(world);
    await world.operator.stop();
    await world.stores.routes.delete(botId);
    await world.client.replaceStatus(BOT, { ...(await read())!, status: {} });
    await world.operator.start();
    await eventually(read, isServing);
    expect(await world.routeOf(botId)).toMatchObject({ split: [{ revision: bot.status?.stableRevision }] });
  });

  it('[P6] builds a revision again when its status is lost: the same bytes, so the artefacts are found', async () => {
    const { namespace, bot } = await serveBot(world);
    const name = bot.status?.stableRevision ?? '';
    const before = await world.client.get(REVISION, { namespace, name });
    await world.client.replaceStatus(REVISION, { ...before!, status: {} });
    const after = await eventually(() => world.client.get(REVISION, { namespace, name }), (revision) => conditionOf(revision, 'Ready') === 'True/Ready');
    expect(after.status?.artifact).toEqual(before?.status?.artifact);
  });
});

describe('what is away comes back', () => {
  const newBot = async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.secret(namespace, 'echo', token);
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one')));
    return { token, read: () => world.client.get(BOT, { namespace, name: 'echo' }) };
  };

  it('S3: says so, and goes on when it is back', async () => {
    const { read } = await whileDown(world.s3, async () => {
      const bot = await newBot();
      await eventually(bot.read, botIs(['Ready', 'False/ArtefactStoreAway'], ['Reconciling', 'True/ArtefactStoreAway'], ['Stalled', 'False/Settled']));
      return bot;
    });
    await eventually(read, isServing, 30_000);
  });

  it('NATS: says so, and goes on when it is back', async () => {
    const { read } = await whileDown(world.natsServer, async () => {
      const bot = await newBot();
      await eventually(bot.read, botIs(['Reconciling', 'True/BrokerAway']), 30_000);
      return bot;
    });
    await eventually(read, isServing, 40_000);
  });

  it('NATS: what serves is not collected while status is lost and the route cannot be read', async () => {
    const { namespace, name, bot, botId, read } = await serveBot(world, { extra: { revisionHistoryLimit: 0, rollout: { strategy: 'Manual' } } });
    const stable = bot.status?.stableRevision ?? '';
    await editBot(world, { namespace, name }, { botSpec: echoSpec('waits for promote') });
    const rolling = await eventually(read, botIs(['RolloutPaused', 'True/RolloutPaused']));
    await whileDown(world.natsServer, async () => {
      await world.client.replaceStatus(BOT, { ...rolling, status: {} });
      await eventually(read, botIs(['Reconciling', 'True/BrokerAway']), 30_000);
      expect((await world.client.get(REVISION, { namespace, name: stable }))?.metadata.deletionTimestamp).toBeUndefined();
    });
    const back = await eventually(read, botIs(['RolloutPaused', 'True/RolloutPaused'], ['Available', 'True/Serving']), 40_000);
    expect(back.status?.stableRevision).toBe(stable);
    expect(await world.routeOf(botId)).toMatchObject({ split: [{ revision: stable, weight: 100 }] });
    expect((await world.client.get(REVISION, { namespace, name: stable }))?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('Kubernetes: goes on when kube-apiserver is back', async () => {
    const { namespace, name, bot, read } = await serveBot(world);
    await world.cluster.restartApiServer();
    await editBot(world, { namespace, name }, { botSpec: echoSpec('after the restart') });
    const edited = await eventually(read, isServing, 40_000);
    expect(edited.status?.stableRevision).not.toBe(bot.status?.stableRevision);
  });

  it('Telegram: says so, and goes on when it is back', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.fault({ token, method: 'setWebhook', kind: '500', count: 3 });
    await world.secret(namespace, 'echo', token);
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one')));
    await eventually(() => world.client.get(BOT, { namespace, name: 'echo' }), isServing);
    expect((await world.calls(token, 'setWebhook')).length).toBe(4);
  });

  it('runtime pods: NoCapacity until one is ready, then at once', async () => {
    await world.pods.setReady(false);
    await eventually(() => world.stores.runtimes.get(`${INSTALL_NAMESPACE}_default`), (record) => record.value.pods.length === 0);
    const { read } = await newBot();
    await eventually(read, botIs(['Ready', 'False/NoCapacity'], ['Stalled', 'False/Settled']));
    await world.pods.setReady(true);
    await eventually(read, botIs(['Ready', 'True/Serving'], ['Available', 'True/Serving']));
  });
});

describe('a pool of runtime pods', () => {
  it('[C1] has a Deployment, service account, budget and network policy, and its ready pods in KV', async () => {
    const namespace = await world.namespace();
    await world.client.create(RUNTIME, { metadata: { name: 'own', namespace }, spec: { replicas: 2 } });
    const runtime = await eventually(() => world.client.get(RUNTIME, { namespace, name: 'own' }), (now) => conditionOf(now, 'Ready') === 'True/PodsReady');
    expect(runtime.status).toMatchObject({ replicas: 2, readyReplicas: 2, selector: 'app.kubernetes.io/name=botplane-runtime,botplane.dev/runtime=own' });
    const record = await world.stores.runtimes.get(`${namespace}_own`);
    expect(record?.value.pods.map((pod) => pod.address)).toEqual([expect.stringMatching(/^127\..*:9090$/), expect.stringMatching(/^127\..*:9090$/)]);

    const scaled = await world.kubectl(['-n', namespace, 'scale', 'botrt/own', '--replicas=1']);
    expect(scaled.out).toContain('scaled');
    await eventually(() => world.stores.runtimes.get(`${namespace}_own`), (now) => now.value.pods.length === 1);

    await world.client.delete(RUNTIME, { namespace, name: 'own' });
    await eventually(async () => ({ found: await world.stores.runtimes.get(`${namespace}_own`) }), ({ found }) => found === undefined);
    await eventually(() => world.client.list(DEPLOYMENTS, { namespace }), ({ items }) => items.length === 0);
  });

  it('never takes over what somebody else made', async () => {
    const namespace = await world.namespace();
    await world.client.create(SERVICE_ACCOUNTS, { metadata: { name: 'botrt-own', namespace } });
    await world.client.create(RUNTIME, { metadata: { name: 'own', namespace }, spec: {} });
    await eventually(() => world.client.get(RUNTIME, { namespace, name: 'own' }), (now) => conditionOf(now, 'Stalled') === 'True/NameTaken');
  });

  it('puts back what somebody changed in its Deployment', async () => {
    const ref = { namespace: INSTALL_NAMESPACE, name: 'botrt-default' };
    await world.client.patch(DEPLOYMENTS, ref, { type: 'merge', body: { spec: { replicas: 5 } } });
    await eventually(() => world.client.get(DEPLOYMENTS, ref), (deployment) => deployment.spec?.replicas === 1);
  });

  it('takes only Bots of its own namespace unless told otherwise', async () => {
    const [own, other, token] = [await world.namespace(), await world.namespace(), await world.newToken()];
    await world.client.create(RUNTIME, { metadata: { name: 'own', namespace: own }, spec: {} });
    await eventually(() => world.client.get(RUNTIME, { namespace: own, name: 'own' }), (runtime) => runtime.status?.readyReplicas === 1);
    await world.secret(other, 'echo', token);
    await world.client.create(BOT, makeBot(other, 'echo', echoSpec('of a namespace that is not allowed'), { runtimeRef: { name: 'own', namespace: own } }));
    const bot = await eventually(() => world.client.get(BOT, { namespace: other, name: 'echo' }), botIs(['Ready', 'False/RuntimeNotAllowed'], ['Stalled', 'True/RuntimeNotAllowed'], ['Available', 'False/NoRevision']));
    const refused = await eventually(() => world.client.get(REVISION, { namespace: other, name: bot.status?.latestCreatedRevision ?? '' }), (revision) => conditionOf(revision, 'Loaded') === 'False/RuntimeNotAllowed');
    expect(await world.routeOf(`${other}_echo`)).toBeUndefined();
    expect(world.runtime.loaded).not.toContain(refused.status?.artifact?.revHash);
  });
});
