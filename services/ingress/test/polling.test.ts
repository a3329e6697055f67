import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUCKETS, HEADERS, STREAMS } from '@botplane/contracts';
import type { Envelope, RouteRecord } from '@botplane/contracts';
import { parseConfig, readInstallKey, sealEnvelope, silentLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startSimulator } from '@botplane/simulator';
import { makeTempFolder, startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ingressService } from '../src/app.module.ts';
import { ingressSchema } from '../src/config.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const patience = { timeout: 60_000 };
let server: TestNats;
let nats: Nats;
let simulator: Awaited<ReturnType<typeof startSimulator>>;
let folder: string;
let keyFile: string;
const running: RunningService[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  [server, simulator] = await Promise.all([startNats(), startSimulator()]);
  folder = makeTempFolder('polling');
  keyFile = join(folder, 'token.key');
  await writeFile(keyFile, randomBytes(32).toString('base64'));
  nats = await openNats({ url: server.url, name: 'test' });
  await ensureTopology(nats.jsm);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map((service) => service.close()));
});
afterAll(async () => {
  await nats?.connection.close();
  await Promise.all([server?.stop(), simulator?.close(), rm(folder, { recursive: true, force: true })]);
});

const env = () => ({ HOST: '127.0.0.1', PORT: '0', NATS_URL: server.url, BOTPLANE_TOKEN_KEY_FILE: keyFile });

async function startIngress(): Promise<RunningService> {
  const service = await startService({ ...ingressService(parseConfig(ingressSchema, env())), log: silentLog() });
  running.push(service);
  return service;
}

async function sim<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(`${simulator.url}/_sim/${path}`, body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {});
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

interface Polled {
  botId: string;
  token: string;
  say(text: string, chat?: number): Promise<void>;
  call(method: string, params?: object): Promise<{ ok: boolean; result: unknown }>;
  route(more?: Partial<RouteRecord>): Promise<void>;
  pending(): Promise<number>;
  /** Texts on disk, by the order in the stream. */
  stored(): Promise<string[]>;
  conflicts(): Promise<number>;
}

/** A bot that is polled, with its token handed over. */
async function makeBot(updates: RouteRecord['updates'] = 'Polling'): Promise<Polled> {
  const { token, id, username } = await sim<{ token: string; id: number; username: string }>('bots', {});
  const botId = `shop_b${randomBytes(4).toString('hex')}`;
  const name = `${botId}.token`;
  await new TypedBucket<Envelope>(nats.jsm, BUCKETS.credentials).put(name, sealEnvelope(readInstallKey(keyFile), name, JSON.stringify({ token, apiRoot: simulator.url })));
  const route: RouteRecord = { v: 1, botId, uid: 'u', routeSeq: 1, state: 'Serving', split: [{ revision: 'r', weight: 100 }], revisions: {}, stateKey: 'chat_user', webhookSecretSha256: '', telegram: { id, username }, allowedUpdates: ['message', 'edited_message'], ...(updates && { updates }) };
  const bot: Polled = {
    botId, token,
    say: async (text, chat = 5) => void (await sim('messages', { token, from: { id: chat }, text })),
    call: async (method, params = {}) => (await (await fetch(`${simulator.url}/bot${token}/${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) })).json()) as { ok: boolean; result: unknown },
    route: async (more = {}) => void (await new TypedBucket<RouteRecord>(nats.jsm, BUCKETS.routes).put(botId, { ...route, ...more })),
    pending: async () => (await sim<{ pending: number }>(`deliveries?token=${token}`)).pending,
    stored: async () => (await readStream(botId)).map(({ text }) => text),
    conflicts: async () => (await sim<{ calls: { status: number }[] }>(`calls?token=${token}&method=getUpdates`)).calls.filter(({ status }) => status === 409).length,
  };
  await bot.route();
  return bot;
}

async function readStream(botId: string): Promise<{ text: string; updateId: string }[]> {
  const reader = await openNats({ url: server.url, name: 'reader' });
  const { state } = await reader.jsm.streams.info(STREAMS.updates);
  const found: { text: string; updateId: string }[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
    const message = await reader.jsm.direct.getMessage(STREAMS.updates, { seq });
    if (message?.subject.endsWith(`.${botId}`)) found.push({ text: message.json<{ message: { text: string } }>().message.text, updateId: message.header.get(HEADERS.updateId) });
  }
  await reader.connection.close();
  return found;
}

const numbered = (count: number, from = 0): string[] => Array.from({ length: count }, (_none, n) => String(n + from));

describe('[P9] a bot with updates: Polling', () => {
  it('gets its updates stored in order and confirmed, also those that waited and more than one batch', async () => {
    const bot = await makeBot();
    for (const text of numbered(250)) await bot.say(text);
    await startIngress();
    await expect.poll(() => bot.pending(), patience).toBe(0);
    expect(await bot.stored()).toEqual(numbered(250));
    await bot.say('at once');
    await expect.poll(async () => (await bot.stored()).at(-1), patience).toBe('at once');
    expect((await bot.call('getWebhookInfo')).result).toMatchObject({ allowed_updates: ['message', 'edited_message'] });
  });

  it('keeps its updates at Telegram while NATS is away, and loses and doubles nothing', async () => {
    const bot = await makeBot();
    await startIngress();
    await bot.say('0');
    await expect.poll(() => bot.stored(), patience).toEqual(['0']);
    await server.kill();
    for (const text of numbered(30, 1)) await bot.say(text);
    await server.restart();
    for (const text of numbered(30, 31)) await bot.say(text);
    await expect.poll(() => bot.pending()).toBe(0);
    expect(await bot.stored()).toEqual(numbered(61));
  });

  it('waits while a webhook is set, and goes on when it is gone', async () => {
    const bot = await makeBot();
    await bot.call('setWebhook', { url: 'http://127.0.0.1:9/' });
    await startIngress();
    await bot.say('later');
    await expect.poll(() => bot.conflicts(), patience).toBeGreaterThan(1);
    expect(await bot.stored()).toEqual([]);
    await bot.call('deleteWebhook');
    await expect.poll(() => bot.stored(), patience).toEqual(['later']);
    const ofSecond = (await bot.conflicts()) / 30;
    expect(ofSecond).toBeLessThan(1);
  });

  it('is left alone while it is suspended, deleted, or has a webhook', async () => {
    const [suspended, pushed] = await Promise.all([makeBot(), makeBot('Webhook')]);
    await suspended.route({ state: 'Suspended' });
    await Promise.all([suspended.say('kept'), pushed.say('kept')]);
    const polled = await makeBot();
    await startIngress();
    await polled.say('taken');
    await expect.poll(() => polled.stored(), patience).toEqual(['taken']);
    expect([await suspended.pending(), await pushed.pending()]).toEqual([1, 1]);
    await suspended.route();
    await expect.poll(() => suspended.stored(), patience).toEqual(['kept']);
    const pollersBefore = await metric('botplane_ingress_pollers');
    await suspended.route({ state: 'Deleted' });
    await expect.poll(() => metric('botplane_ingress_pollers'), patience).toBe(pollersBefore - 1);
  });
});

async function metric(name: string): Promise<number> {
  const texts = await Promise.all(running.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  return texts.flatMap((text) => text.split('\n')).filter((line) => line.startsWith(`${name} `)).reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
}

describe('[A6] with several ingress processes', () => {
  it('each bot is polled by one of them, and those of a process that ends go to the others', async () => {
    const bots = await Promise.all([1, 2, 3, 4, 5, 6].map(() => makeBot()));
    const first = await startIngress();
    await startIngress();
    for (const bot of bots) await bot.say('0');
    for (const bot of bots) await expect.poll(() => bot.stored(), patience).toEqual(['0']);
    await expect.poll(async () => Promise.all(running.map(async ({ url }) => Number(/^botplane_ingress_pollers (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]))), patience).toSatisfy((counts: number[]) => counts.every((count) => count > 0));

    running.splice(running.indexOf(first), 1);
    await first.close();
    for (const bot of bots) await bot.say('1');
    for (const bot of bots) await expect.poll(() => bot.stored()).toEqual(['0', '1']);
  });

  it('a process that is killed is replaced, and nothing is lost or doubled', async () => {
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-b', 'services/ingress'], { cwd: ROOT });
    // Of so many bots some are still the killed one's, although it hands others over before.
    const bots = await Promise.all([1, 2, 3, 4, 5, 6].map(() => makeBot()));
    const child = spawn(process.execPath, [join(ROOT, 'services/ingress/dist/main.js')], { env: { ...env(), LOG_LEVEL: 'error' }, stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    for (const bot of bots) await bot.say('0');
    for (const bot of bots) await expect.poll(() => bot.stored(), patience).toEqual(['0']);
    await startIngress();
    let n = 1;
    // One after the other: two requests on their way at once may arrive in either order.
    const lasts = bots.map(() => Promise.resolve());
    const saying = setInterval(() => {
      const text = String(n++);
      for (const [index, bot] of bots.entries()) lasts[index] = lasts[index]?.then(() => bot.say(text)) ?? bot.say(text);
    }, 100);
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGKILL');
    const killedAt = n;
    for (const bot of bots) await expect.poll(async () => (await bot.stored()).length, patience).toBeGreaterThan(killedAt + 1);
    clearInterval(saying);
    await Promise.all(lasts);
    for (const bot of bots) await expect.poll(() => bot.pending(), patience).toBe(0);
    for (const bot of bots) expect(await bot.stored()).toEqual(numbered(n));
  });

  it('a process that sleeps is replaced, and steps back when it wakes', async () => {
    const bot = await makeBot();
    const child = spawn(process.execPath, [join(ROOT, 'services/ingress/dist/main.js')], { env: { ...env(), LOG_LEVEL: 'error' }, stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    await bot.say('0');
    await expect.poll(() => bot.stored(), patience).toEqual(['0']);
    child.kill('SIGSTOP');
    await startIngress();
    await bot.say('1');
    await expect.poll(() => bot.stored()).toEqual(['0', '1']);
    child.kill('SIGCONT');
    for (const text of numbered(20, 2)) {
      await bot.say(text);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await expect.poll(() => bot.pending(), patience).toBe(0);
    expect(await bot.stored()).toEqual(numbered(22));
    // The one that wakes learns of its successor within moments; after that they do not disturb each other.
    const conflicts = await bot.conflicts();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await bot.conflicts()).toBe(conflicts);
    expect(conflicts).toBeLessThan(8);
  });
});
