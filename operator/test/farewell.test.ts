import { BUCKETS, STREAMS, subjects } from '@botplane/contracts';
import { EVENTS, getCondition } from '@botplane/k8s';
import { ArtefactStore } from '@botplane/kit';
import { TypedBucket } from '@botplane/nats';
import { whileDown } from '@botplane/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BOT, INSTALL_NAMESPACE, REVISION, eventually, serveBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

/** A try without NATS or S3 ends by its own time limits only. */
const AWAY_MS_MAX = 180_000;

let world: World;
let store: ArtefactStore;
let chats: TypedBucket<object>;
beforeAll(async () => {
  world = await startWorld();
  store = new ArtefactStore({ S3_ENDPOINT: world.s3.endpoint, S3_ACCESS_KEY: world.s3.accessKey, S3_SECRET_KEY: world.s3.secretKey, S3_BUCKET: world.s3.bucket, S3_REGION: 'us-east-1' });
  chats = new TypedBucket<object>(world.nats.jsm, BUCKETS.chatState);
}, 120_000);
beforeEach(async () => {
  await world.operator.stop();
  await world.operator.start({ BOTPLANE_CLEANUP_S_MAX: '1' });
});
afterAll(async () => {
  store?.close();
  await world?.stop();
});

type Served = Awaited<ReturnType<typeof serveBot>>;
const gone = (read: () => Promise<unknown>) => eventually(async () => ({ found: await read() }), ({ found }) => found === undefined, AWAY_MS_MAX);

/** Deletes the Bot and waits until its object is gone, though not all of it is cleaned up. */
async function abandon({ namespace, name, read }: Served): Promise<void> {
  await world.client.delete(BOT, { namespace, name });
  await gone(read);
  await eventually(() => world.client.list(EVENTS, { namespace }), ({ items }) => items.some(({ reason, type }) => reason === 'CleanupAbandoned' && type === 'Warning'));
}

/** What is kept for the chats of a bot. */
async function stateOf(botId: string) {
  const keys: string[] = [];
  for await (const { key } of store.list(`bots/${botId}/`)) keys.push(key);
  const letters = await world.nats.jsm.streams.info(STREAMS.dlq, { subjects_filter: `dlq.*.${botId}` });
  return { chat: (await chats.get(`${botId}.7`)) !== undefined, artefacts: keys.length > 0, letters: Object.keys(letters.state.subjects ?? {}).length };
}

async function keepState(botId: string): Promise<void> {
  await chats.create(`${botId}.7`, {});
  for (const subject of [subjects.dlqIn(botId), subjects.dlqOut(botId)]) await world.nats.jsm.jetstream().publish(subject, '{}');
  expect(await stateOf(botId)).toEqual({ chat: true, artefacts: true, letters: 2 });
}

const NOTHING = { chat: false, artefacts: false, letters: 0 };

describe('[C1] a Bot deleted while NATS is away', { timeout: 2 * AWAY_MS_MAX }, () => {
  it.each(['the same operator', 'another operator'])('is buried by %s when NATS is back; revisions, credentials and webhook go, and its chats as its deletionPolicy says', async (who) => {
    const [served, kept] = [await serveBot(world, { extra: { deletionPolicy: 'Delete' } }), await serveBot(world)];
    const { namespace, botId, bot, token } = served;
    for (const state of [botId, kept.botId]) await keepState(state);
    await whileDown(world.natsServer, async () => {
      // With the second one after it, no try of the first is under way when NATS is back.
      await abandon(served);
      await abandon(kept);
      if (who === 'another operator') await world.operator.stop('SIGKILL');
    });
    if (who === 'another operator') await world.operator.start();

    expect(await eventually(() => world.routeOf(botId), (route) => route.state === 'Deleted')).toMatchObject({ routeSeq: 2, split: [], revisions: {} });
    await eventually(() => world.client.list(REVISION, { namespace }), ({ items }) => items.length === 0);
    await gone(() => world.stores.credentials.get(`${botId}.token`));
    await gone(() => world.stores.tokens.get(String(bot.status?.telegram?.id)));
    await eventually(() => world.calls(token, 'deleteMyCommands'), (calls) => calls.length === 1);
    expect(await world.calls(token, 'deleteWebhook')).toHaveLength(1);
    await eventually(() => stateOf(botId), (state) => !state.chat && !state.artefacts && state.letters === 0);
    await eventually(() => world.calls(kept.token, 'deleteWebhook'), (calls) => calls.length === 1);
    expect(await stateOf(kept.botId)).toEqual({ chat: true, artefacts: true, letters: 2 });
  });

  it('with the rights of one namespace only what was in it is buried', async () => {
    const { botId } = await serveBot(world);
    const route = await world.routeOf(botId);
    await world.operator.stop();
    const [own, other] = [`${INSTALL_NAMESPACE}_gone`, 'elsewhere_gone'];
    for (const id of [other, own]) await world.stores.routes.put(id, { ...route!, botId: id, uid: 'of-nobody' });
    await world.operator.start({ BOTPLANE_SCOPE: 'Namespace' });
    await eventually(() => world.routeOf(own), ({ state }) => state === 'Deleted');
    expect(await world.routeOf(other)).toMatchObject({ state: 'Serving' });
    expect(await world.routeOf(botId)).toEqual(route);
    await world.stores.routes.delete(other);
  });
});

describe('[C1] a Bot whose NATS goes away after its route was buried', { timeout: 2 * AWAY_MS_MAX }, () => {
  it('stays until what is left is handed over, since no route names it to another operator', async () => {
    await world.operator.stop();
    await world.operator.start({ BOTPLANE_CLEANUP_S_MAX: '9' });
    const { namespace, name, botId, bot, token, read } = await serveBot(world, { extra: { deletionPolicy: 'Delete' } });
    await keepState(botId);
    const endFault = await world.fault({ token, kind: 'timeout', count: 10_000 });
    await world.client.delete(BOT, { namespace, name });
    await eventually(() => world.routeOf(botId), ({ state }) => state === 'Deleted');
    await whileDown(world.natsServer, async () => {
      await eventually(async () => ({ left: await read() }), ({ left }) => left === undefined || /is kept until NATS/.test(getCondition(left.status?.conditions, 'Ready')?.message ?? ''), AWAY_MS_MAX);
      await world.operator.stop('SIGKILL');
    });
    await world.operator.start({ BOTPLANE_CLEANUP_S_MAX: '9' });

    await gone(() => world.stores.credentials.get(`${botId}.token`));
    await gone(() => world.stores.tokens.get(String(bot.status?.telegram?.id)));
    await gone(read);
    await eventually(() => stateOf(botId), (state) => !state.chat && !state.artefacts && state.letters === 0);
    await endFault();
  });
});

describe('deletionPolicy: Delete is kept to when the clean-up is given up', { timeout: 2 * AWAY_MS_MAX }, () => {
  it('with Telegram away: at once', async () => {
    const served = await serveBot(world, { extra: { deletionPolicy: 'Delete' } });
    await keepState(served.botId);
    const endFault = await world.fault({ token: served.token, kind: '500', count: 10_000 });
    await abandon(served);
    expect(await stateOf(served.botId)).toEqual(NOTHING);
    await endFault();
  });

  it('with the bucket away: when it is back, also by another operator', async () => {
    const served = await serveBot(world, { extra: { deletionPolicy: 'Delete' } });
    await keepState(served.botId);
    await whileDown(world.s3, async () => {
      await abandon(served);
      await world.operator.stop('SIGKILL');
    });
    await world.operator.start();
    await eventually(() => stateOf(served.botId), (state) => !state.chat && !state.artefacts && state.letters === 0);
  });
});
