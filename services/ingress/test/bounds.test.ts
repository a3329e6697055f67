import { BUCKETS, STREAMS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { ConfigError, parseConfig, silentLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ingressService } from '../src/app.module.ts';
import { ingressSchema } from '../src/config.ts';

const SECRET = 'secret';
let server: TestNats;
let nats: Nats;
let ingress: RunningService | undefined;
let updateId = 1_000;

beforeAll(async () => {
  server = await startNats();
  nats = await openNats({ url: server.url, name: 'test' });
  await ensureTopology(nats.jsm);
  for (const botId of ['shop_one', 'shop_two']) {
    const route: RouteRecord = { v: 1, botId, uid: 'uid', routeSeq: 1, state: 'Serving', split: [], revisions: {}, stateKey: 'chat_user', webhookSecretSha256: sha256Hex(SECRET), telegram: { id: 1, username: 'b' } };
    await new TypedBucket<RouteRecord>(nats.jsm, BUCKETS.routes).put(botId, route);
  }
});
afterEach(async () => {
  await ingress?.close();
  ingress = undefined;
});
afterAll(async () => {
  await nats?.connection.close();
  await server?.stop();
});

const env = (more: Record<string, string>) => ({ HOST: '127.0.0.1', PORT: '0', NATS_URL: server.url, ...more });

async function start(more: Record<string, string> = {}): Promise<void> {
  ingress = await startService({ ...ingressService(parseConfig(ingressSchema, env(more))), log: silentLog() });
  await expect.poll(async () => (await fetch(`${ingress?.url}/readyz`)).status).toBe(200);
}

async function post(botId: string, { headers = {}, text = 'hi' }: { headers?: Record<string, string>; text?: string } = {}): Promise<{ status: number; code: string | undefined; retryAfter: string | null }> {
  const update = { update_id: ++updateId, message: { message_id: 1, date: 1, chat: { id: 5, type: 'private' }, from: { id: 7 }, text } };
  const response = await fetch(`${ingress?.url}/wh/${botId}`, { method: 'POST', body: JSON.stringify(update), headers: { 'x-telegram-bot-api-secret-token': SECRET, ...headers } });
  const body = await response.text();
  return { status: response.status, code: body === '' ? undefined : (JSON.parse(body) as { error: { code: string } }).error.code, retryAfter: response.headers.get('retry-after') };
}

describe('[W1] what is too much stays with Telegram', () => {
  it('a bot above its rate is told to wait, others are not', async () => {
    await start({ BOTPLANE_BOT_UPDATES_PER_SECOND_MAX: '2' });
    const answers = [];
    for (let n = 0; n < 12; n += 1) answers.push(await post('shop_one'));
    expect(answers[0]).toEqual({ status: 200, code: undefined, retryAfter: null });
    expect(answers.at(-1)).toEqual({ status: 503, code: 'rate_limited', retryAfter: '1' });
    expect((await post('shop_two')).status).toBe(200);
    const wrong = await post('shop_one', { headers: { 'x-telegram-bot-api-secret-token': 'wrong' } });
    expect(wrong.status).toBe(401);
    await expect.poll(async () => (await post('shop_one')).status).toBe(200);
  });

  it('a full stream is told of with 503 and Retry-After, and taken up again when there is room', async () => {
    await start();
    const { config } = await nats.jsm.streams.info(STREAMS.updates);
    await nats.jsm.streams.purge(STREAMS.updates);
    await nats.jsm.streams.update(STREAMS.updates, { ...config, max_bytes: 64 * 1024 });
    const answers = [];
    for (let n = 0; n < 8; n += 1) answers.push(await post('shop_one', { text: 'x'.repeat(16 * 1024) }));
    expect(answers.at(-1)).toEqual({ status: 503, code: 'store_full', retryAfter: '3' });
    expect((await post('shop_two', { text: 'x'.repeat(16 * 1024) })).code).toBe('store_full');
    expect((await fetch(`${ingress?.url}/readyz`)).status).toBe(200);
    await nats.jsm.streams.purge(STREAMS.updates);
    expect((await post('shop_two', { text: 'x'.repeat(16 * 1024) })).status).toBe(200);
    await nats.jsm.streams.update(STREAMS.updates, config);
  });
});

describe('[P9] where updates come from', () => {
  it('only Telegram may send them where that is asked for, also through a trusted proxy', async () => {
    await start({ BOTPLANE_UPDATE_SOURCES: 'telegram', BOTPLANE_TRUSTED_PROXIES: '127.0.0.0/8' });
    expect(await post('shop_one')).toEqual({ status: 403, code: 'source_refused', retryAfter: null });
    expect((await post('shop_one', { headers: { 'x-forwarded-for': '203.0.113.5' } })).status).toBe(403);
    expect((await post('shop_one', { headers: { 'x-forwarded-for': '149.154.167.220, 203.0.113.5' } })).status).toBe(403);
    expect((await post('shop_one', { headers: { 'x-forwarded-for': '203.0.113.5, 149.154.167.220' } })).status).toBe(200);
  });

  it('refuses networks that are none', () => {
    for (const bad of ['10.0.0.0', '10.0.0.0/33', 'telegram,x', '::1/129', '']) {
      const read = () => parseConfig(ingressSchema, env({ BOTPLANE_UPDATE_SOURCES: bad }));
      if (bad === '') expect(read().BOTPLANE_UPDATE_SOURCES).toBeUndefined();
      else expect(read).toThrow(ConfigError);
    }
    expect(parseConfig(ingressSchema, env({ BOTPLANE_UPDATE_SOURCES: 'telegram, 10.0.0.0/8' })).BOTPLANE_UPDATE_SOURCES).toEqual(['149.154.160.0/20', '91.108.4.0/22', '10.0.0.0/8']);
  });
});
