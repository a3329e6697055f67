import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BotRevision } from '@botplane/k8s';
import { startRealRuntime } from './support/real-runtime.ts';
import type { RealRuntime } from './support/real-runtime.ts';
import { BOT, REVISION, botIs, conditionOf, echoSpec, editBot, eventually, isServing, serveBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

/** V8 is in native code for seconds: only the end of its host ends it. */
const HOSTILE = 'globalThis.botplane = { run: () => (2n ** 60000000n).toString() };';
const STRIKES = 3;

let world: World;
let runtime: RealRuntime | undefined;
let condemned: BotRevision;
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
}, 120_000);
afterAll(async () => {
  await runtime?.stop();
  await world?.stop();
});

const readRevision = (namespace: string, name: string) => () => world.client.get(REVISION, { namespace, name });

/** The pod comes back, an executor brings it what the revision is made of, and its steps do not end. */
async function misbehave(pod: RealRuntime, botId: string, revision: BotRevision | undefined): Promise<void> {
  const revHash = revision?.status?.artifact?.revHash ?? '';
  await pod.load(botId, revHash, HOSTILE);
  for (let strikes = 0; strikes < STRIKES; ) {
    const code = (await pod.run(botId, revHash)).failure?.code;
    if (code === 'OVERRUN') strikes++;
    // As executors do: on a busy machine a step may get no processor time where it runs apart.
    else if (code === 'OVERLOADED') await sleep(100);
    else throw new Error(`the step ended with ${code}`);
  }
}

describe('a revision whose steps have to be ended by force', () => {
  it('[P9] is unhealthy after three strikes: another one takes over at once, or it goes on where it harms nobody', async () => {
    const [two, alone] = [await serveBot(world, { name: 'two' }), await serveBot(world, { name: 'alone' })];
    const first = two.bot.status?.stableRevision ?? '';
    await editBot(world, two, { botSpec: echoSpec('second') });
    const second = (await eventually(two.read, isServing)).status?.stableRevision ?? '';
    const only = alone.bot.status?.stableRevision ?? '';
    world.runtime.stop();
    runtime = await startRealRuntime(world.runtimeIp);
    await misbehave(runtime, two.botId, await readRevision(two.namespace, second)());
    await misbehave(runtime, alone.botId, await readRevision(alone.namespace, only)());

    condemned = await eventually(readRevision(two.namespace, second), (found) => conditionOf(found, 'Healthy') === 'False/Quarantined');
    expect([conditionOf(condemned, 'Loaded'), conditionOf(condemned, 'Ready'), conditionOf(condemned, 'Stalled')]).toEqual(['True/Loaded', 'False/Quarantined', 'True/Quarantined']);
    expect(condemned.status?.conditions?.find(({ type }) => type === 'Healthy')?.message).toContain('was killed');
    const moved = await eventually(two.read, botIs(['Ready', 'False/Quarantined'], ['Available', 'True/Serving']));
    expect(moved.status).toMatchObject({ stableRevision: first, superseded: [] });
    expect(await world.routeOf(two.botId)).toMatchObject({ split: [{ revision: first, weight: 100 }], revisions: { [first]: {} } });
    expect(Object.keys((await world.routeOf(two.botId))?.revisions ?? {})).toEqual([first]);

    await eventually(readRevision(alone.namespace, only), (found) => conditionOf(found, 'Healthy') === 'False/Quarantined');
    const stayed = await eventually(alone.read, botIs(['RevisionReady', 'False/Quarantined'], ['Ready', 'True/Serving'], ['Available', 'True/Serving']));
    expect(stayed.status?.stableRevision).toBe(only);
    expect(await world.routeOf(alone.botId)).toMatchObject({ split: [{ revision: only, weight: 100 }] });
    const events = await eventually(() => world.kubectl(['get', 'events', '-n', two.namespace, '-o', 'json']), ({ out }) => out.includes('"Quarantined"'));
    expect(events.out).toContain(second);
  });

  it('[P9] stays so when the operator begins anew, until another revision is published', async () => {
    const { namespace, name } = condemned.metadata;
    const bot = { namespace: namespace ?? '', name: condemned.spec.botRef.name };
    await world.operator.stop();
    await world.operator.start();
    await editBot(world, bot, { botSpec: echoSpec('third') });
    await eventually(() => world.client.get(BOT, bot), isServing);
    expect(conditionOf(await readRevision(bot.namespace, name)(), 'Healthy')).toBe('False/Quarantined');
  });
});
