import { setTimeout as sleep } from 'node:timers/promises';
import { DEPLOYMENTS, LEASES } from '@botplane/k8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOT, INSTALL_NAMESPACE, REVISION, RUNTIME, conditionOf, echoSpec, editBot, eventually, isServing, serveBot, startWorld } from './support/world.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { World } from './support/world.ts';

let world: World;
let standby: OperatorProcess;
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
  standby = world.anotherOperator({ POD_NAME: 'operator-b' });
  await standby.startStandby();
}, 120_000);
afterAll(async () => {
  await standby?.stop();
  await world?.stop();
});

const holder = async () => (await world.client.get(LEASES, { namespace: INSTALL_NAMESPACE, name: 'botplane-operator' }))?.spec?.holderIdentity;
const probe = async (operator: OperatorProcess, path: string) => (await fetch(`${operator.url}${path}`)).status;
const isMaster = async (operator: OperatorProcess) => /^leader_election_master_status\{name="botplane-operator"\} (\d)$/m.exec(await (await fetch(`${operator.url}/metrics`)).text())?.[1];

describe('two operators', () => {
  it('[C6] one leads; the other is ready, alive, and writes nothing', async () => {
    expect(await holder()).toBe('operator-a');
    expect([await probe(world.operator, '/readyz'), await probe(standby, '/readyz'), await probe(world.operator, '/livez'), await probe(standby, '/livez')]).toEqual([200, 200, 200, 200]);
    expect([await isMaster(world.operator), await isMaster(standby)]).toEqual(['1', '0']);
    const from = standby.log.length;
    await serveBot(world);
    await sleep(500);
    expect(standby.log.slice(from).filter((line) => Number(line['level']) > 20).map((line) => line['msg'])).toEqual([]);
  });

  it('[A6] a leader that is told to end hands over within 3 s, and the next one goes on', async () => {
    const { namespace, name, read } = await serveBot(world);
    const from = standby.log.length;
    const startMs = performance.now();
    await Promise.all([world.operator.stop(), standby.untilLogged('operator works', from)]);
    expect(performance.now() - startMs).toBeLessThan(3_000);
    expect(await holder()).toBe('operator-b');
    await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
    await eventually(read, (bot) => isServing(bot) && bot.status?.routeSeq === 2);
  });

  it('[A6] a leader that stood still for longer than its lease ends itself and writes nothing more', async () => {
    await world.operator.startStandby();
    const from = world.operator.log.length;
    standby.signal('SIGSTOP');
    await world.operator.untilLogged('operator works', from, 25_000);
    const { namespace, name, read } = await serveBot(world);
    const served = await read();
    standby.signal('SIGCONT');
    await eventually(async () => ({ exits: standby.exits }), ({ exits }) => exits.length === 1);
    expect(standby.exits).toEqual([1]);
    expect(await holder()).toBe('operator-a');
    expect((await world.client.get(BOT, { namespace, name }))?.metadata.resourceVersion).toBe(served?.metadata.resourceVersion);
  });
});

describe('hands off', () => {
  it('leaves an object alone while its annotation says so', async () => {
    const { namespace, name, bot, read } = await serveBot(world);
    const annotate = (value: string | null) => world.client.patch(BOT, { namespace, name }, { type: 'merge', body: { metadata: { annotations: { 'botplane.dev/reconcile': value } } } });
    await annotate('disabled');
    await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
    await sleep(1_500);
    expect(await read()).toMatchObject({ status: bot.status });
    await annotate(null);
    const after = await eventually(read, isServing);
    expect(after.status?.stableRevision).not.toBe(bot.status?.stableRevision);
    expect(conditionOf(after, 'Ready')).toBe('True/Serving');
  });

  /** By then what was changed before has been looked at. */
  const othersAreServed = async (): Promise<void> => {
    await serveBot(world);
    await serveBot(world, { extra: { botSpec: undefined as never, template: { spec: { isolation: 'Dedicated', source: { botSpec: echoSpec('other') } } } } });
  };

  const annotated = { annotations: { 'botplane.dev/reconcile': 'disabled' } };
  const letGo = { type: 'merge' as const, body: { metadata: { annotations: { 'botplane.dev/reconcile': null } } } };
  const leaveAlone = { type: 'merge' as const, body: { metadata: annotated } };

  it('leaves a BotRevision alone', async () => {
    const { namespace, name } = await serveBot(world);
    const ref = { namespace, name: 'by-hand' };
    await world.client.create(REVISION, { metadata: { ...ref, ...annotated }, spec: { botRef: { name }, source: { botSpec: echoSpec('two') } } });
    await othersAreServed();
    expect((await world.client.get(REVISION, ref))?.status).toBeUndefined();
    await world.client.patch(REVISION, ref, letGo);
    await eventually(() => world.client.get(REVISION, ref), (revision) => conditionOf(revision, 'Ready') === 'True/Ready');
  });

  it('leaves a BotRuntime alone', async () => {
    const ref = { namespace: await world.namespace(), name: 'own' };
    const deployment = () => world.client.get(DEPLOYMENTS, { ...ref, name: 'botrt-own' });
    await world.client.create(RUNTIME, { metadata: ref, spec: { replicas: 1 } });
    await eventually(deployment, ({ spec }) => spec?.replicas === 1);
    await world.client.patch(RUNTIME, ref, { type: 'merge', body: { metadata: annotated, spec: { replicas: 2 } } });
    await othersAreServed();
    expect((await deployment())?.spec?.replicas).toBe(1);
    await world.client.patch(RUNTIME, ref, letGo);
    await eventually(deployment, ({ spec }) => spec?.replicas === 2);
  });

  it('leaves the Dedicated pods of a Bot alone: they are neither changed nor removed', async () => {
    const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { botSpec: undefined as never, template: { spec: { isolation: 'Dedicated', source: { botSpec: echoSpec('one') } } } } });
    const ref = { namespace, name: `botrev-${bot.status?.stableRevision}` };
    const deployment = () => world.client.get(DEPLOYMENTS, ref);
    await world.client.patch(BOT, { namespace, name }, leaveAlone);
    await world.client.patch(DEPLOYMENTS, ref, { type: 'merge', body: { spec: { replicas: 2 } } });
    await othersAreServed();
    expect((await deployment())?.spec?.replicas).toBe(2);

    // Nothing names the revision any more.
    await world.stores.routes.delete(botId);
    await world.client.patch(BOT, { namespace, name }, { type: 'merge', body: { status: null } }, { subresource: 'status' });
    await othersAreServed();
    expect(await deployment()).toMatchObject({ spec: { replicas: 2 } });

    await world.client.patch(BOT, { namespace, name }, letGo);
    await eventually(read, isServing);
    await eventually(deployment, ({ spec }) => spec?.replicas === 1);
  });
});
