import { BUCKETS, HEADERS, STREAMS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { sha256Hex, updatePartition } from '@botplane/domain';
import { parseConfig, silentLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startNats, whileDown } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingressService } from '../src/app.module.ts';
import { ingressSchema } from '../src/config.ts';

const SECRET = 'a-webhook-secret_1';
let server: TestNats;
let nats: Nats;
let ingress: RunningService;
let updateId = 1_000;

const route = (botId: string, state: RouteRecord['state'] = 'Serving'): RouteRecord => ({
  v: 1, botId, uid: 'uid', routeSeq: 1, state, split: [{ revision: 'r', weight: 100 }], revisions: {}, stateKey: 'chat_user', webhookSecretSha256: sha256Hex(SECRET), telegram: { id: 1, username: 'b' },
});

async function putRoute(record: RouteRecord): Promise<void> {
  await new TypedBucket<RouteRecord>(nats.jsm, BUCKETS.routes).put(record.botId, record);
}

const message = (chat = 5, text = 'hi'): { update_id: number; message: object } => ({ update_id: ++updateId, message: { message_id: 1, date: 1, chat: { id: chat, type: 'private' }, from: { id: 7, is_bot: false, first_name: 'A' }, text } });

function post(botId: string, body: unknown, headers: Record<string, string> = { 'x-telegram-bot-api-secret-token': SECRET }): Promise<Response> {
  return fetch(`${ingress.url}/wh/${botId}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
}

async function stored(): Promise<number> {
  return (await nats.jsm.streams.info(STREAMS.updates)).state.messages;
}

beforeAll(async () => {
  server = await startNats();
  nats = await openNats({ url: server.url, name: 'test' });
  await ensureTopology(nats.jsm);
  for (const record of [route('shop_bot'), route('shop_gone', 'Deleted'), route('shop_off', 'Suspended')]) await putRoute(record);
  ingress = await startService({ ...ingressService(parseConfig(ingressSchema, { HOST: '127.0.0.1', PORT: '0', NATS_URL: server.url })), log: silentLog() });
  while ((await fetch(`${ingress.url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
});
afterAll(async () => {
  await ingress?.close();
  await nats?.connection.close();
  await server?.stop();
});

describe('POST /wh/:botId', () => {
  it('[P9] answers 200 without a body once the update is on disk, as it came, with its keys in headers', async () => {
    const update = message(42, 'grüße');
    const response = await post('shop_bot', update);
    expect([response.status, await response.text()]).toEqual([200, '']);
    const last = await nats.jsm.streams.getMessage(STREAMS.updates, { last_by_subj: `updates.${updatePartition('shop_bot', 'c42')}.shop_bot` });
    expect(JSON.parse(last?.string() ?? '')).toEqual(update);
    expect([HEADERS.orderKey, HEADERS.stateKey, HEADERS.kind, HEADERS.updateId, 'Nats-Msg-Id'].map((name) => last?.header?.get(name))).toEqual(['c42', 'c42_u7', 'message', String(update.update_id), `shop_bot:${update.update_id}`]);
    expect(Math.abs(Number(last?.header?.get(HEADERS.acceptedMs)) - Date.now())).toBeLessThan(60_000);
  });

  it.each([
    ['pre_checkout_query', { id: 'q', from: { id: 7 } }, 'urgent'],
    ['shipping_query', { id: 'q', from: { id: 7 } }, 'urgent'],
    ['inline_query', { id: 'q', from: { id: 7 }, query: '' }, 'urgent'],
    ['chat_join_request', { query_id: 'q', from: { id: 7 }, chat: { id: -5 } }, 'urgent'],
    ['chat_join_request', { from: { id: 7 }, chat: { id: -5 } }, 'updates'],
    ['callback_query', { id: 'q', from: { id: 7 } }, 'updates'],
  ])('[P9] a %s %j goes to %s', async (kind, body, lane) => {
    const of = async (stream: string): Promise<number> => (await nats.jsm.streams.info(stream)).state.last_seq;
    const before = [await of(STREAMS.urgent), await of(STREAMS.updates)];
    const update = { update_id: ++updateId, [kind]: body };
    expect((await post('shop_bot', update)).status).toBe(200);
    expect((await post('shop_bot', update)).status).toBe(200);
    expect([await of(STREAMS.urgent), await of(STREAMS.updates)]).toEqual(lane === 'urgent' ? [(before[0] ?? 0) + 1, before[1]] : [before[0], (before[1] ?? 0) + 1]);
  });

  it('[K6][W1] stores an update once that Telegram sends twice', async () => {
    const update = message();
    const before = await stored();
    expect((await post('shop_bot', update)).status).toBe(200);
    expect((await post('shop_bot', update)).status).toBe(200);
    expect((await stored()) - before).toBe(1);
  });

  it('[P9] refuses a missing and a wrong secret', async () => {
    const before = await stored();
    expect((await post('shop_bot', message(), {})).status).toBe(401);
    expect((await post('shop_bot', message(), { 'x-telegram-bot-api-secret-token': 'wrong' })).status).toBe(401);
    expect((await stored()) - before).toBe(0);
  });

  it('tells unknown, deleted and suspended bots apart', async () => {
    expect((await post('shop_nobody', message())).status).toBe(404);
    expect((await post('shop_gone', message(), {})).status).toBe(410);
    const suspended = await post('shop_off', message());
    expect([suspended.status, suspended.headers.get('retry-after')]).toEqual([503, '30']);
  });

  it.each([['{'], ['[]'], ['null'], ['{"update_id":1}'], ['{"update_id":"1","message":{}}'], ['']])('refuses what is no update: %s', async (body) => {
    expect((await post('shop_bot', body)).status).toBe(400);
  });

  it('takes updates up to 512 KB and no larger', async () => {
    expect((await post('shop_bot', message(5, 'x'.repeat(500 * 1024)))).status).toBe(200);
    expect((await post('shop_bot', message(5, 'x'.repeat(513 * 1024)))).status).toBe(413);
  });

  it('follows a route that changes', async () => {
    await putRoute(route('shop_new'));
    await expect.poll(async () => (await post('shop_new', message())).status).toBe(200);
    await putRoute(route('shop_new', 'Deleted'));
    await expect.poll(async () => (await post('shop_new', message())).status).toBe(410);
  });

  it('takes only POST', async () => {
    expect((await fetch(`${ingress.url}/wh/shop_bot`)).status).toBe(404);
  });

  it('counts what it took and what it refused', async () => {
    const metrics = await (await fetch(`${ingress.url}/metrics`)).text();
    expect(metrics).toMatch(/botplane_ingress_updates_total\{result="stored"\} \d+/);
    expect(metrics).toMatch(/botplane_ingress_updates_total\{result="duplicate"\} \d+/);
    expect(metrics).toMatch(/botplane_ingress_refused_total\{reason="secret_wrong"\} 1/);
  });
});

describe('while one bot floods', () => {
  it('[W1] refuses only that bot when its subject is full', async () => {
    await putRoute(route('shop_flood'));
    await expect.poll(async () => (await post('shop_flood', message())).status).toBe(200);
    const statuses = new Set<number>();
    for (let batch = 0; batch < 22; batch += 1) for (const response of await Promise.all(Array.from({ length: 50 }, () => post('shop_flood', message())))) statuses.add(response.status);
    expect([...statuses].toSorted((a, b) => a - b)).toEqual([200, 503]);
    expect((await post('shop_bot', message())).status).toBe(200);
  });
});

describe('while NATS is away', () => {
  it('[P9] answers 503 with Retry-After, is not ready, and goes on by itself', async () => {
    await whileDown(server, async () => {
      await expect.poll(async () => (await fetch(`${ingress.url}/readyz`)).status).toBe(503);
      const response = await post('shop_bot', message());
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3']);
      expect((await fetch(`${ingress.url}/healthz`)).status).toBe(200);
    });
    await expect.poll(async () => (await post('shop_bot', message())).status).toBe(200);
    await expect.poll(async () => (await fetch(`${ingress.url}/readyz`)).status).toBe(200);
  });

  it('loses nothing that was answered 200', async () => {
    const accepted: number[] = [];
    const sending = new AbortController();
    const feed = async (chat: number): Promise<void> => {
      while (!sending.signal.aborted) {
        const update = message(chat);
        if ((await post('shop_bot', update)).status === 200) accepted.push(update.update_id);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const feeders = [61, 62, 63, 64].map(feed);
    await expect.poll(() => accepted.length).toBeGreaterThan(20);
    await server.kill();
    await server.restart();
    const acceptedBefore = accepted.length;
    await expect.poll(() => accepted.length).toBeGreaterThan(acceptedBefore);
    sending.abort();
    await Promise.all(feeders);
    const ids = new Set<number>();
    const reader = await openNats({ url: server.url, name: 'reader' });
    const { state } = await reader.jsm.streams.info(STREAMS.updates);
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) ids.add((JSON.parse((await reader.jsm.streams.getMessage(STREAMS.updates, { seq }))?.string() ?? '{}') as { update_id: number }).update_id);
    await reader.connection.close();
    expect(accepted.filter((id) => !ids.has(id))).toEqual([]);
  });
});
