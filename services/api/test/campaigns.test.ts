import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKETS } from '@botplane/contracts';
import type { Envelope, RouteRecord } from '@botplane/contracts';
import { deliverySchema, deliveryService } from '@botplane/delivery';
import { makeInstallKey, parseConfig, sealEnvelope, silentLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { TypedBucket } from '@botplane/nats';
import { startSimulator } from '@botplane/simulator';
import type { RunningSimulator } from '@botplane/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAMPAIGN_WAITING_MAX } from '../src/limits.ts';
import { BOT, startApi } from './setup.ts';
import type { TestApi } from './setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'botplane-campaigns-'));
const patience = { timeout: 60_000 };
let api: TestApi;
let simulator: RunningSimulator;
let delivery: RunningService;
let token: string;

beforeAll(async () => {
  [api, simulator] = await Promise.all([startApi(), startSimulator()]);
  const key = randomBytes(32);
  const keyFile = join(folder, 'token.key');
  writeFileSync(keyFile, key.toString('base64'));
  ({ token } = await control<{ token: string }>('POST', 'bots', {}));
  const credential = `${BOT}.token`;
  await new TypedBucket<Envelope>(api.nats.jsm, BUCKETS.credentials).put(credential, sealEnvelope(makeInstallKey(key), credential, JSON.stringify({ token, apiRoot: simulator.url })));
  const route: RouteRecord = { v: 1, botId: BOT, uid: 'u', routeSeq: 1, state: 'Serving', split: [], revisions: {}, stateKey: 'chat', webhookSecretSha256: '', telegram: { id: 1, username: 'b' } };
  await new TypedBucket<RouteRecord>(api.nats.jsm, BUCKETS.routes).put(BOT, route);
  const env = { HOST: '127.0.0.1', PORT: '0', NATS_URL: api.broker.url, BOTPLANE_TOKEN_KEY_FILE: keyFile };
  delivery = await startService({ ...deliveryService(parseConfig(deliverySchema, env)), log: silentLog() });
});
afterAll(async () => {
  await delivery?.close();
  await simulator?.close();
  await api?.stop();
  rmSync(folder, { recursive: true });
});

async function control<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const response = await fetch(`${simulator.url}/_sim/${path}`, { method, ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}) });
  return (await response.json()) as T;
}

const person = (id: number): object => ({ id, is_bot: false, first_name: `P${id}` });
const people = (from: number, count: number): Promise<unknown> => Promise.all(Array.from({ length: count }, (_none, n) => control('POST', 'messages', { token, from: person(from + n), text: 'hello' })));

/** Chats that got this text, one entry for each time. */
async function received(text: string): Promise<number[]> {
  const { calls } = await control<{ calls: { params: { text?: string; chat_id: number }; status: number }[] }>('GET', `calls?token=${token}&method=sendMessage`);
  return calls.filter((call) => call.params.text === text && call.status === 200).map((call) => call.params.chat_id);
}

/** How many chats got this text once what was queued has gone out: no more came for a while. */
async function settledCount(text: string): Promise<number> {
  for (let before = -1, now = (await received(text)).length; ; before = now, now = (await received(text)).length) {
    if (now === before) return now;
    await sleep(2_000);
  }
}

const create = (text: string, audience: object): Promise<{ status: number; body: { id: string } }> =>
  api.call('POST', '/campaigns', { body: { botId: BOT, name: 'News', method: 'sendMessage', params: { text }, audience } });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a campaign', () => {
  it('[W1] stops soon after a pause, goes on after a restart of the API, and reaches each chat once', async () => {
    const chats = Array.from({ length: 150 }, (_none, n) => 1_000 + n);
    await people(1_000, chats.length);
    await control('POST', 'block', { token, from: person(1_007), blocked: true });
    const { status, body } = await create('news', { chats: [...chats, 1_000] });
    expect(status).toBe(201);
    const path = `/campaigns/${BOT}/${body.id}`;
    await expect.poll(async () => (await received('news')).length, patience).toBeGreaterThan(10);

    expect((await api.call('POST', `${path}/pause`)).body).toMatchObject({ state: 'Paused', total: 150 });
    const atPause = await settledCount('news');
    expect(atPause).toBeLessThan(10 + 2 * CAMPAIGN_WAITING_MAX);
    await api.restart();
    await sleep(1_500);
    expect(await received('news')).toHaveLength(atPause);

    expect((await api.call('POST', `${path}/resume`)).body.state).toBe('Running');
    await expect.poll(async () => (await api.call('GET', path)).body, patience).toMatchObject({ state: 'Done', queued: 150, outcomes: { sent: 149, blocked: 1 } });
    const got = await received('news');
    expect(got.toSorted((a, b) => a - b)).toEqual(chats.filter((chat) => chat !== 1_007));
    expect((await api.call('POST', `${path}/resume`)).status).toBe(409);
    expect((await api.call('DELETE', path)).status).toBe(200);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  it('[W1] to everybody reaches the chats that the bot has written to, until it is cancelled', async () => {
    const { status, body } = await create('to all', { all: true });
    expect({ status, body }).toMatchObject({ status: 201, body: { total: 150 } });
    expect((await api.call('DELETE', `/campaigns/${BOT}/${body.id}`)).body.state).toBe('Cancelled');
    await sleep(2_500);
    expect((await received('to all')).length).toBeLessThanOrEqual(2 * CAMPAIGN_WAITING_MAX);
    expect((await api.call('GET', `/campaigns?bot=${BOT}`)).body.items).toMatchObject([{ id: body.id, state: 'Cancelled' }]);
  });

  it.each<[string, object, number]>([
    ['a bot that is not there', { botId: 'shop_none' }, 404],
    ['a method that makes no message', { method: 'deleteMessage' }, 400],
    ['a chat of its own', { params: { text: 'x', chat_id: 5 } }, 400],
    ['two audiences', { audience: { all: true, chats: [1] } }, 400],
  ])('is refused with %s', async (_what, changes, status) => {
    const answer = await api.call('POST', '/campaigns', { body: { botId: BOT, name: 'News', method: 'sendMessage', params: { text: 'x' }, audience: { chats: [1] }, ...changes } });
    expect(answer.status).toBe(status);
  });
});
