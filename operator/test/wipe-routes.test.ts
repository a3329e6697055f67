import type { RouteRecord } from '@botplane/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOT, echoSpec, editBot, eventually, isServing, serveBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

const BOTS = 6;
const REBUILT_MS_MAX = 5_000;

let world: World;
let bots: Awaited<ReturnType<typeof serveBot>>[];
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
  bots = await Promise.all(Array.from({ length: BOTS }, () => serveBot(world)));
  for (const { namespace, name } of bots) await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
  await Promise.all(bots.map(({ read }) => eventually(read, (bot) => isServing(bot) && bot.status?.routeSeq === 2)));
}, 180_000);
afterAll(async () => world?.stop());

const routes = (): Promise<(RouteRecord | undefined)[]> => Promise.all(bots.map(({ botId }) => world.routeOf(botId)));
const seqs = async (): Promise<number[]> => (await routes()).map((route) => route?.routeSeq ?? 0);

/** Does the harm and returns how long it was felt, in ms. */
async function rebuiltWithin(harm: () => Promise<unknown>, isRebuilt: (routes: (RouteRecord | undefined)[]) => boolean): Promise<number> {
  await harm();
  const startMs = performance.now();
  await eventually(routes, isRebuilt);
  return performance.now() - startMs;
}

describe('[P7] routes are a projection', () => {
  it('all of them deleted: back as they were within 5 s', async () => {
    const before = await routes();
    const ms = await rebuiltWithin(() => Promise.all(bots.map(({ botId }) => world.stores.routes.delete(botId))), (now) => now.every((route) => route !== undefined));
    expect(await routes()).toEqual(before);
    expect(ms).toBeLessThan(REBUILT_MS_MAX);
  });

  it('restored from an old copy: what status decided is put again, and no number goes back', async () => {
    const before = await seqs();
    const old = (await routes()).map((route) => ({ ...route!, routeSeq: 1 }));
    const ms = await rebuiltWithin(
      () => Promise.all(bots.map(({ botId }, n) => world.stores.routes.put(botId, old[n]!))),
      (now) => now.every((route, n) => (route?.routeSeq ?? 0) >= (before[n] ?? 0)),
    );
    expect(ms).toBeLessThan(REBUILT_MS_MAX);
  });

  it('routes deleted and every status lost: the newest ready revision serves again', async () => {
    const serving = (await routes()).map((route) => route?.split[0]?.revision);
    const ms = await rebuiltWithin(async () => {
      for (const { botId, read } of bots) {
        await world.client.patch(BOT, { namespace: (await read())?.metadata.namespace ?? '', name: 'echo' }, { type: 'merge', body: { status: null } }, { subresource: 'status' });
        await world.stores.routes.delete(botId);
      }
    }, (now) => now.every((route) => route?.state === 'Serving'));
    expect((await routes()).map((route) => route?.split[0]?.revision)).toEqual(serving);
    expect(ms).toBeLessThan(REBUILT_MS_MAX);
  });
});
