import { DEPLOYMENTS, EVENTS, HORIZONTAL_POD_AUTOSCALERS, NAMESPACES, NETWORK_POLICIES, PODS, POD_DISRUPTION_BUDGETS, SERVICE_ACCOUNTS, getCondition } from '@botplane/k8s';
import type { Bot, ResourceType } from '@botplane/k8s';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { BOT, INSTALL_NAMESPACE, REVISION, RUNTIME, botIs, conditionOf, echoSpec, editBot, eventually, isServing, makeBot, serveBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
}, 120_000);
afterAll(async () => world?.stop());

const dedicated = (text: string): Partial<Bot['spec']> => ({ botSpec: undefined as never, template: { spec: { isolation: 'Dedicated', source: { botSpec: echoSpec(text) } } } });
const runtimeOf = async (botId: string): Promise<string | undefined> => {
  const route = await world.routeOf(botId);
  return route?.revisions[route.split[0]?.revision ?? '']?.runtime;
};
const deployment = (namespace: string, name: string) => world.client.get(DEPLOYMENTS, { namespace, name });
const kinds = [DEPLOYMENTS, SERVICE_ACCOUNTS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS];

describe('[P9] isolation: Dedicated', () => {
  it('runs a revision in pods of its own in the namespace of its Bot, and moves both ways', async () => {
    const { namespace, name, botId, read, bot } = await serveBot(world, { extra: dedicated('one') });
    const own = bot.status?.stableRevision ?? '';
    const children = { namespace, name: `botrev-${own}` };
    expect(await runtimeOf(botId)).toBe(`${namespace}_Dedicated.${own}`);
    expect((await world.stores.runtimes.get(`${namespace}_Dedicated.${own}`))?.value.pods).toHaveLength(1);
    for (const kind of kinds) expect((await world.client.get<never>(kind as never, children)) as unknown).toMatchObject({ metadata: { ownerReferences: [{ kind: 'BotRevision', name: own, controller: true }] } });
    expect((await deployment(namespace, children.name))?.spec?.template?.spec).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: children.name });
    expect((await world.client.get(NETWORK_POLICIES, children))?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
    expect((await world.client.get(NETWORK_POLICIES, children))?.spec).not.toHaveProperty('egress');

    await editBot(world, { namespace, name }, { template: { spec: { isolation: 'Pooled', source: { botSpec: echoSpec('one') } } } });
    const pooled = await eventually(read, (next) => isServing(next) && next.status?.stableRevision !== own);
    expect(await runtimeOf(botId)).toBe(`${INSTALL_NAMESPACE}_default`);
    // Conversations that began on the Dedicated one end there, so its pods stay until they are moved.
    expect((await world.routeOf(botId))?.revisions[own]?.runtime).toBe(`${namespace}_Dedicated.${own}`);
    expect(await deployment(namespace, children.name)).toBeDefined();
    await editBot(world, { namespace, name }, { revisionName: pooled.status?.stableRevision });
    await eventually(async () => [await deployment(namespace, children.name), await world.stores.runtimes.get(`${namespace}_Dedicated.${own}`)], (left) => left.every((one) => one === undefined));

    await editBot(world, { namespace, name }, { revisionName: own });
    await eventually(read, (next) => isServing(next) && next.status?.stableRevision === own && conditionOf(next, 'Available') === 'True/Serving');
    expect(await deployment(namespace, children.name)).toBeDefined();
  });

  it('tells at the revision why its pods cannot be made, and goes on when they can', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace }, spec: { hard: { pods: '0' } } };
    expect(await world.kubectl(['apply', '-f', '-'], stringify(quota))).toMatchObject({ ok: true });
    expect(await world.kubectl(['wait', '--for=jsonpath={.status.hard.pods}=0', 'resourcequota/none', '-n', namespace, '--timeout=60s'])).toMatchObject({ ok: true });
    await world.secret(namespace, 'echo', token);
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one'), dedicated('one')));
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    const loaded = async () => getCondition((await world.client.list(REVISION, { namespace })).items[0]?.status?.conditions, 'Loaded')?.message;
    await eventually(loaded, (message) => /has no ready pod: .*exceeded quota: none/.test(message));
    const { items } = await world.client.list(EVENTS, { namespace });
    expect(items.filter(({ regarding, type, note }) => regarding?.kind === 'BotRevision' && type === 'Warning' && note?.includes('exceeded quota: none'))).toHaveLength(1);

    expect(await world.kubectl(['delete', 'resourcequota/none', '-n', namespace])).toMatchObject({ ok: true });
    await eventually(read, isServing, 120_000);
  });

  it('goes with its Bot, also when the Bot is deleted in the foreground', async () => {
    const { namespace, name, bot } = await serveBot(world, { extra: dedicated('one') });
    expect(await world.kubectl(['delete', `bot/${name}`, '-n', namespace, '--cascade=foreground', '--timeout=25s'])).toMatchObject({ ok: true });
    await eventually(async () => [await deployment(namespace, `botrev-${bot.status?.stableRevision}`)], ([left]) => left === undefined);
  });

  it('moves a Bot to another pool by a new route, in which every revision runs there', async () => {
    const { namespace, name, botId, read } = await serveBot(world);
    await world.client.create(RUNTIME, { metadata: { name: 'second', namespace }, spec: {} });
    await eventually(async () => (await world.stores.runtimes.get(`${namespace}_second`))?.value, (record) => record.pods.length === 1);
    await editBot(world, { namespace, name }, { runtimeRef: { name: 'second' } });
    await eventually(read, isServing);
    expect(await world.routeOf(botId)).toMatchObject({ routeSeq: 2 });
    expect(await runtimeOf(botId)).toBe(`${namespace}_second`);
    const metrics = await (await fetch(`${world.operator.url}/metrics`)).text();
    for (const [metric, value] of [['bots', 1], ['ready_pods', 1], ['sandboxes_max', 300], ['headroom_bots', 299]] as const) {
      expect(metrics).toContain(`botplane_botruntime_${metric}{namespace="${namespace}",botruntime="second"} ${value}\n`);
    }
  });
});

describe('[P9] a runtimeRef to a pool that cannot run the Bot', () => {
  it('costs no cold start: the Bot stays where it serves until the pool has loaded its revision', async () => {
    const { namespace, name, bot, botId, read } = await serveBot(world, { text: 'loaded in two pools' });
    const [before, stable] = [await world.routeOf(botId), bot.status?.stableRevision ?? ''];
    await world.client.create(RUNTIME, { metadata: { name: 'full', namespace }, spec: {} });
    await eventually(() => world.client.get(RUNTIME, { namespace, name: 'full' }), (pool) => pool.status?.readyReplicas === 1);
    world.runtime.refuse = status.RESOURCE_EXHAUSTED;
    try {
      await editBot(world, { namespace, name }, { runtimeRef: { name: 'full' } });
      const waiting = await eventually(read, botIs(['Ready', 'False/NoCapacity'], ['Reconciling', 'True/NoCapacity'], ['Available', 'True/Serving']));
      expect(getCondition(waiting.status?.conditions, 'Ready')?.message).toBe(`BotRuntime ${namespace}/full has not loaded ${stable} yet (the runtime pods have no room for another revision; trying again); until then the bot stays on ${INSTALL_NAMESPACE}/default`);
      expect(await world.routeOf(botId)).toEqual(before);
      const held = await world.client.get(REVISION, { namespace, name: stable });
      expect([conditionOf(held, 'Ready'), conditionOf(held, 'Moved')]).toEqual(['True/Ready', 'False/NoCapacity']);
    } finally {
      world.runtime.refuse = undefined;
    }
    await eventually(read, isServing);
    expect(await runtimeOf(botId)).toBe(`${namespace}_full`);
    expect(conditionOf(await world.client.get(REVISION, { namespace, name: stable }), 'Moved')).toBe('');
    const revHash = before?.revisions[stable]?.revHash;
    expect(world.runtime.loaded.filter((loaded) => loaded === revHash)).toHaveLength(2);
  });

  it('costs no answers: the Bot stays where it serves, says why, and moves once the pool is there', async () => {
    const { namespace, name, botId, read } = await serveBot(world);
    const before = await world.routeOf(botId);
    await editBot(world, { namespace, name }, { runtimeRef: { name: 'nowhere' } });
    await eventually(read, botIs(['Ready', 'False/RuntimeNotFound'], ['Reconciling', 'True/RuntimeNotFound'], ['Available', 'True/Serving']));
    expect(await world.routeOf(botId)).toEqual(before);

    await world.client.create(RUNTIME, { metadata: { name: 'nowhere', namespace }, spec: { replicas: 0 } });
    const waiting = await eventually(read, botIs(['Ready', 'False/NoCapacity'], ['Available', 'True/Serving']));
    expect(waiting.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toBe(`BotRuntime ${namespace}/nowhere has no ready pod; until then the bot stays on ${INSTALL_NAMESPACE}/default`);
    expect(await world.routeOf(botId)).toEqual(before);

    await world.client.patch(RUNTIME, { name: 'nowhere', namespace }, { type: 'merge', body: { spec: { replicas: 1 } } });
    await eventually(read, isServing);
    expect(await runtimeOf(botId)).toBe(`${namespace}_nowhere`);
  });

  it('moves nothing to a pool of another namespace that does not take it', async () => {
    const { namespace, name, botId, read } = await serveBot(world);
    const [pools, before] = [await world.namespace(), await world.routeOf(botId)];
    await world.client.create(RUNTIME, { metadata: { name: 'own', namespace: pools }, spec: {} });
    await eventually(() => world.client.get(RUNTIME, { namespace: pools, name: 'own' }), (pool) => pool.status?.readyReplicas === 1);
    await editBot(world, { namespace, name }, { runtimeRef: { name: 'own', namespace: pools } });
    await eventually(read, botIs(['Stalled', 'True/RuntimeNotAllowed'], ['Available', 'True/Serving']));
    expect(await world.routeOf(botId)).toEqual(before);
  });
});

describe('[C1] a pool', () => {
  /** A pool with a ready pod, in a namespace of its own, and a Bot elsewhere that names it. */
  const poolAndBot = async (allowedNamespaces: object, text: string) => {
    const [pools, namespace, token] = [await world.namespace(), await world.namespace(), await world.newToken()];
    const pool = { name: 'gold', namespace: pools };
    await world.client.create(RUNTIME, { metadata: pool, spec: { allowedNamespaces } as never });
    await eventually(() => world.client.get(RUNTIME, pool), (found) => found.status?.readyReplicas === 1);
    await world.secret(namespace, 'echo', token);
    const create = (extra: Partial<Bot['spec']> = {}) => world.client.create(BOT, makeBot(namespace, 'echo', echoSpec(text), { runtimeRef: pool, ...extra }));
    return { pool, namespace, create, botId: `${namespace}_echo`, key: `${pools}_gold`, read: () => world.client.get(BOT, { namespace, name: 'echo' }) };
  };
  const newest = async (namespace: string, name: string | undefined) => (name === undefined ? undefined : world.client.get(REVISION, { namespace, name }));
  const selectGold = { from: 'Selector', selector: { matchLabels: { tier: 'gold' } } };

  it('takes Bots of the namespaces that its selector matches, and neither loads nor serves any other', async () => {
    const { pool, namespace, create, botId, key, read } = await poolAndBot(selectGold, 'forbidden by its labels');
    await create();
    const bot = await eventually(read, botIs(['Stalled', 'True/RuntimeNotAllowed'], ['Available', 'False/NoRevision']));
    // It is built, so nothing but the pool keeps it back.
    const refused = await eventually(() => newest(namespace, bot.status?.latestCreatedRevision), (found) => conditionOf(found, 'Loaded') === 'False/RuntimeNotAllowed');
    expect(conditionOf(refused, 'Published')).toBe('True/Published');

    const [other, token] = [await world.namespace(), await world.newToken()];
    await world.client.patch(NAMESPACES, { name: other }, { type: 'merge', body: { metadata: { labels: { tier: 'gold' } } } });
    await world.secret(other, 'echo', token);
    await world.client.create(BOT, makeBot(other, 'echo', echoSpec('one'), { runtimeRef: pool }));
    await eventually(() => world.client.get(BOT, { namespace: other, name: 'echo' }), isServing);
    expect(await runtimeOf(`${other}_echo`)).toBe(key);
    expect(await world.routeOf(botId)).toBeUndefined();
    expect(world.runtime.loaded).not.toContain(refused.status?.artifact?.revHash);

    await world.client.patch(RUNTIME, pool, { type: 'merge', body: { spec: { allowedNamespaces: { from: 'All', selector: null } } } });
    await eventually(read, isServing);
    expect(await runtimeOf(botId)).toBe(key);
  });

  it('gives nothing to Dedicated revisions of a namespace that it does not take', async () => {
    const { namespace, create, botId, read } = await poolAndBot({ from: 'Same' }, 'unused');
    await create(dedicated('forbidden and Dedicated'));
    const bot = await eventually(read, botIs(['Stalled', 'True/RuntimeNotAllowed']));
    const own = bot.status?.latestCreatedRevision;
    await eventually(() => newest(namespace, own), (found) => conditionOf(found, 'Loaded') === 'False/RuntimeNotAllowed');
    expect(await world.routeOf(botId)).toBeUndefined();
    expect(await deployment(namespace, `botrev-${own}`)).toBeUndefined();
  });

  it('that takes a namespace no more goes on with what it runs, says so, and gets nothing new', async () => {
    const { pool, namespace, create, botId, key, read } = await poolAndBot({ from: 'All' }, 'allowed at first');
    await create();
    await eventually(read, isServing);
    const before = await world.routeOf(botId);
    await world.client.patch(RUNTIME, pool, { type: 'merge', body: { spec: { allowedNamespaces: { from: 'Same' } } } });
    await eventually(read, botIs(['Ready', 'False/RuntimeNotAllowed'], ['Stalled', 'True/RuntimeNotAllowed'], ['Available', 'True/Serving']));

    await editBot(world, { namespace, name: 'echo' }, { botSpec: echoSpec('forbidden later') });
    const edited = await eventually(read, (bot) => botIs(['Stalled', 'True/RuntimeNotAllowed'])(bot) && bot.status?.latestCreatedRevision !== bot.status?.stableRevision);
    const refused = await eventually(() => newest(namespace, edited.status?.latestCreatedRevision), (found) => conditionOf(found, 'Loaded') === 'False/RuntimeNotAllowed');
    expect(await world.routeOf(botId)).toEqual(before);
    expect(world.runtime.loaded).not.toContain(refused.status?.artifact?.revHash);

    await editBot(world, { namespace, name: 'echo' }, { runtimeRef: null });
    await eventually(read, isServing);
    expect(key).not.toBe(await runtimeOf(botId));
    expect(await runtimeOf(botId)).toBe(`${INSTALL_NAMESPACE}_default`);
  });

  it('scales by its scale subresource; the autoscaler comes and goes with autoscaling.type, and writes nothing else', async () => {
    const namespace = await world.namespace();
    const ref = { namespace, name: 'pool' };
    await world.client.create(RUNTIME, { metadata: ref, spec: { autoscaling: { type: 'CPU', min: 2, max: 4 } } });
    const scaler = () => world.client.get(HORIZONTAL_POD_AUTOSCALERS, { namespace, name: 'botrt-pool' });
    const made = await eventually(scaler, (found) => found.spec?.maxReplicas === 4);
    expect(made.spec?.scaleTargetRef).toEqual({ apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', name: 'pool' });
    // kube-controller-manager raises a target below the minimum even without metrics.
    await eventually(() => world.client.get(RUNTIME, ref), (pool) => pool.spec.replicas === 2 && pool.status?.readyReplicas === 2, 40_000);
    await eventually(() => deployment(namespace, 'botrt-pool'), (found) => found.spec?.replicas === 2);

    await world.client.patch(RUNTIME, ref, { type: 'merge', body: { spec: { autoscaling: { type: 'External', min: null, max: null } } } });
    await eventually(async () => [await scaler()], ([left]) => left === undefined);
    expect(await world.kubectl(['scale', 'botruntime/pool', '-n', namespace, '--replicas=3'])).toMatchObject({ ok: true, out: expect.stringContaining('scaled') as string });
    await eventually(() => deployment(namespace, 'botrt-pool'), (found) => found.spec?.replicas === 3);
    expect(await world.kubectl(['wait', '--for=condition=Ready', 'botruntime/pool', '-n', namespace, '--timeout=20s'])).toMatchObject({ ok: true });
  });

  it('[A6] a restart of the operator restarts no runtime pod and writes no Deployment', async () => {
    const state = async () => {
      const pods = (await world.client.list(PODS, { labelSelector: 'botplane.dev/runtime' })).items.map(({ metadata }) => `${metadata.uid}/${metadata.deletionTimestamp ?? ''}`).toSorted();
      const deployments = (await world.client.list(DEPLOYMENTS, { labelSelector: 'botplane.dev/runtime' })).items.map(({ metadata }) => `${metadata.uid}/${metadata.generation}`).toSorted();
      return { pods, deployments };
    };
    const before = await state();
    await world.operator.stop();
    // What the operator itself logs is no setting of the pods.
    await world.operator.start({ LOG_LEVEL: 'info' });
    const { namespace } = await serveBot(world);
    expect(namespace).not.toBe('');
    expect(await state()).toEqual(before);
  });
});

describe('[C6] kubectl works as its users expect', () => {
  it('wait, diff, get with field selectors, explain', async () => {
    const { namespace } = await serveBot(world);
    const manifest = stringify({ apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', ...makeBot(namespace, 'echo', echoSpec('one')) });
    expect(await world.kubectl(['wait', '--for=condition=Available', 'bot/echo', '-n', namespace, '--timeout=20s'])).toMatchObject({ ok: true, out: expect.stringContaining('condition met') as string });
    expect(await world.kubectl(['wait', '--for=jsonpath={.status.servingState}=Serving', 'bot/echo', '-n', namespace, '--timeout=20s'])).toMatchObject({ ok: true });
    expect(await world.kubectl(['apply', '-f', '-'], manifest)).toMatchObject({ ok: true });
    expect(await world.kubectl(['diff', '-f', '-'], manifest)).toEqual({ ok: true, out: '' });
    expect(await world.kubectl(['diff', '-f', '-'], manifest.replace('one', 'two'))).toMatchObject({ ok: false, out: expect.stringContaining('text: two') as string });
    const named = async (...args: string[]): Promise<string> => (await world.kubectl(['get', '-n', namespace, '-o', 'name', ...args])).out.trim();
    expect(await named('bots', '--field-selector=spec.tokenSecretRef.name=echo,spec.platform=Telegram')).toBe('bot.botplane.dev/echo');
    expect(await named('bots', '--field-selector=spec.tokenSecretRef.name=other')).toBe('');
    expect(await named('botrevisions', '--field-selector=spec.botRef.name=echo')).toMatch(/^botrevision\.botplane\.dev\/echo-[0-9a-f]{8}$/);
    for (const [path, words] of [['botrt.spec.autoscaling', 'HorizontalPodAutoscaler'], ['bot.spec.template.spec.isolation', 'Dedicated'], ['botrt.spec.allowedNamespaces.selector', 'labels of the namespaces']] as const) {
      expect((await world.kubectl(['explain', path])).out.replace(/\s+/g, ' ')).toContain(words);
    }
  });

  it('names at the length limit work, Dedicated too, and two namespaces with equal names never meet', async () => {
    const name = `b${'-'.repeat(0)}${'x'.repeat(36)}z`;
    expect(name).toHaveLength(38);
    const first = await serveBot(world, { name, text: 'first', extra: dedicated('first') });
    const second = await serveBot(world, { name, text: 'second' });
    expect(await runtimeOf(first.botId)).toBe(`${first.namespace}_Dedicated.${first.bot.status?.stableRevision}`);
    const [before, other] = [await world.routeOf(second.botId), await world.routeOf(first.botId)];
    expect(before).toMatchObject({ uid: second.bot.metadata.uid, state: 'Serving' });
    expect(other?.revisions).not.toEqual(before?.revisions);
    expect(await world.kubectl(['delete', `bot/${name}`, '-n', first.namespace, '--timeout=25s'])).toMatchObject({ ok: true });
    expect(await world.routeOf(second.botId)).toEqual(before);
    expect(await world.calls(second.token, 'deleteWebhook')).toHaveLength(0);
    expect(conditionOf(await second.read(), 'Available')).toBe('True/Serving');
  });
});

describe('[C6] names at the length limit, with a dot in them', () => {
  it('work for a BotRuntime and all that is made for it, and for a BotRevision that a person applied', async () => {
    const [pool, name, own] = [`p.${'x'.repeat(37)}z`, `b${'x'.repeat(36)}z`, `v1.${'r'.repeat(43)}z`];
    expect([pool.length, name.length, own.length]).toEqual([40, 38, 47]);
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.client.create(RUNTIME, { metadata: { name: pool, namespace }, spec: { autoscaling: { type: 'CPU', max: 2 } } });
    await eventually(() => world.client.get(RUNTIME, { namespace, name: pool }), (found) => conditionOf(found, 'Ready').startsWith('True') && found.status?.readyReplicas === 1);
    const madeFor = async (child: string, of: readonly ResourceType[]) => Promise.all(of.map(async (kind) => (await world.client.get(kind, { namespace, name: child }))?.metadata.ownerReferences?.[0]?.name));
    const poolKinds = [...kinds, HORIZONTAL_POD_AUTOSCALERS];
    expect(await madeFor(`botrt-${pool}`, poolKinds)).toEqual(poolKinds.map(() => pool));

    await world.secret(namespace, name, token);
    await world.client.create(BOT, makeBot(namespace, name, echoSpec('one'), { runtimeRef: { name: pool } }));
    const read = () => world.client.get(BOT, { namespace, name });
    const made = (await eventually(read, isServing)).status?.stableRevision ?? '';
    expect(await runtimeOf(`${namespace}_${name}`)).toBe(`${namespace}_${pool}`);
    await world.client.create(REVISION, { metadata: { name: own, namespace }, spec: { botRef: { name }, isolation: 'Dedicated', source: { botSpec: echoSpec('by hand') } } });
    await editBot(world, { namespace, name }, { revisionName: own });
    await eventually(read, (bot) => isServing(bot) && bot.status?.stableRevision === own);
    expect(await runtimeOf(`${namespace}_${name}`)).toBe(`${namespace}_Dedicated.${own}`);
    expect(await madeFor(`botrev-${own}`, kinds)).toEqual(kinds.map(() => own));

    await editBot(world, { namespace, name }, { revisionName: made });
    await eventually(() => madeFor(`botrev-${own}`, kinds), (left) => left.every((owner) => owner === undefined));
    for (const gone of [`bot/${name}`, `botrevision/${own}`, `botruntime/${pool}`]) expect(await world.kubectl(['delete', gone, '-n', namespace, '--timeout=25s'])).toMatchObject({ ok: true });
    await eventually(() => madeFor(`botrt-${pool}`, poolKinds), (left) => left.every((owner) => owner === undefined));
  });
});

describe('[C6] a BotRuntime that cannot be is refused with the remedy', () => {
  it.each([
    ['CPU without max', { autoscaling: { type: 'CPU' } }, 'type CPU needs max'],
    ['limits without CPU', { autoscaling: { max: 3 } }, 'are for type CPU only'],
    ['max below min', { autoscaling: { type: 'CPU', min: 3, max: 2 } }, 'max must not be below min'],
    ['a selector that nobody asks for', { allowedNamespaces: { from: 'All', selector: {} } }, 'selector is given with from: Selector, and only then'],
    ['no selector', { allowedNamespaces: { from: 'Selector' } }, 'selector is given with from: Selector, and only then'],
    ['In without values', { allowedNamespaces: { from: 'Selector', selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } }, 'In and NotIn need values'],
  ])('%s', async (_what, spec, message) => {
    const manifest = stringify({ apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', metadata: { name: 'broken', namespace: 'default' }, spec });
    expect(await world.kubectl(['apply', '--dry-run=server', '-f', '-'], manifest)).toMatchObject({ ok: false, out: expect.stringContaining(message) as string });
  });
});
