import { STREAMS, subjects } from '@botplane/contracts';
import type { KeptMessage } from '@botplane/contracts';
import { silentLog, startService } from '@botplane/kit';
import { whileDown } from '@botplane/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PrismaMessageRetention } from '../src/adapters/out/prisma-message-retention.ts';
import { PrismaMessages } from '../src/adapters/out/prisma-messages.ts';
import { AppModule } from '../src/app.module.ts';
import { TidyMessages } from '../src/app/tidy-messages.ts';
import { monthOf } from '../src/domain/month.ts';
import { readArrived } from '../src/domain/stored-message.ts';
import { DELETE_ROWS_MAX } from '../src/limits.ts';
import { BOT, startApi } from './setup.ts';
import type { TestApi } from './setup.ts';

const DAY_MS = 86_400_000;
let api: TestApi;
let chat = 1_000;
let copies = 0;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  chat += 1;
});
afterAll(() => api?.stop());

const kept = (n: number, change: Partial<KeptMessage> = {}): KeptMessage => ({
  v: 1, botId: BOT, direction: 'in', chat: String(chat), threadId: null, userId: 7, id: `u${n}`, messageId: n, updateId: n, kind: 'text', content: `message ${n}`, pii: false, sentMs: Date.now() - 10_000 + n, retentionMs: DAY_MS, ...change,
});
/** Every copy has an id of its own, as after the stream's duplicate window. */
const publish = (message: KeptMessage): Promise<unknown> => api.nats.js.publish(subjects.messages(message.botId), JSON.stringify(message), { msgID: `copy-${(copies += 1)}` });
const history = async (query = ''): Promise<{ content: string; role: string; id: string }[]> => (await api.call('GET', `/bots/${BOT}/chats/${chat}/messages${query}`)).body.items;
const waiting = async (): Promise<number> => (await api.nats.jsm.streams.info(STREAMS.messages)).state.messages;
const settled = (): Promise<unknown> => expect.poll(waiting).toBe(0);

describe('the writer', () => {
  it('[K1] stores each message once, however often it comes and whichever replica gets it', async () => {
    const second = await startService({ name: 'api', config: api.config, log: silentLog(), module: (kit) => AppModule.create(kit) });
    const messages = Array.from({ length: 40 }, (_, n) => [kept(n), kept(n, { direction: 'out', id: `m${n}`, content: `answer ${n}`, sentMs: Date.now() - 5_000 })]).flat();
    await Promise.all([...messages, ...messages, ...messages].map(publish));
    await settled();
    const rows = await api.db.message.findMany({ where: { botId: BOT, chatId: String(chat) } });
    expect(rows).toHaveLength(80);
    expect(new Set(rows.map(({ role, externalId }) => `${role} ${externalId}`)).size).toBe(80);
    await second.close();
  });

  it('[K6] waits for a database that is away, loses nothing, and is in nobody’s way', async () => {
    await whileDown(api.postgres, async () => {
      await Promise.all(Array.from({ length: 700 }, (_, n) => publish(kept(n))));
      expect(await waiting()).toBe(700);
      await expect.poll(async () => (await api.call('GET', '/metrics', { key: null })).body).toContain('botplane_messages_waiting 700');
    });
    await settled();
    expect(await api.db.message.count({ where: { botId: BOT, chatId: String(chat) } })).toBe(700);
  });

  it('[W2] puts what the database refuses into the dead letters, writes the rest, and writes it too once it is mended', async () => {
    await api.db.$executeRaw`ALTER TABLE messages ADD CONSTRAINT test_refuses CHECK (content <> 'refuse me') NOT VALID`;
    await Promise.all([publish(kept(1)), publish(kept(2, { content: 'refuse me' })), publish(kept(3)), api.nats.js.publish(subjects.messages(BOT), 'no message')]);
    await settled();
    expect((await history()).map(({ content }) => content)).toEqual(['message 3', 'message 1']);
    const { items } = (await api.call('GET', '/admin/dlq/jobs')).body;
    expect(items).toMatchObject([{ botId: BOT, reason: 'unreadable', attempts: 1 }, { botId: BOT, reason: 'refused', attempts: 3 }]);

    await api.db.$executeRaw`ALTER TABLE messages DROP CONSTRAINT test_refuses`;
    expect((await api.call('POST', '/admin/dlq/jobs/replay', { body: { all: true, reason: 'refused' } })).body).toMatchObject({ matched: 1, replayed: 1 });
    await expect.poll(async () => (await history()).map(({ content }) => content)).toEqual(['message 3', 'refuse me', 'message 1']);
    expect((await api.call('GET', '/admin/dlq/jobs')).body.items).toHaveLength(1);
    await api.call('DELETE', '/admin/dlq/jobs');
  });
});

describe('GET /bots/{botId}/chats/{chatId}/messages', () => {
  it('[K1] pages through the history, newest first, also over equal times', async () => {
    await Promise.all(Array.from({ length: 7 }, (_, n) => publish(kept(n, { sentMs: 1_000 * Math.floor(Date.now() / 1_000) - 5_000 + (n > 3 ? 1 : 0) }))));
    await settled();
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.call('GET', `/bots/${BOT}/chats/${chat}/messages?limit=3${cursor}`);
      seen.push(...body.items.map((item: { content: string }) => item.content));
      cursor = body.next === null ? '' : `&cursor=${body.next}`;
    } while (cursor !== '');
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen.slice(0, 3).sort()).toEqual(['message 4', 'message 5', 'message 6']);
  });

  it('[K1] filters by role, kind, person, topic and time, and shows what was taken out', async () => {
    const sentMs = Date.now() - 60_000;
    await publish(kept(1, { pii: true, content: '***' }));
    await publish(kept(2, { direction: 'out', id: 'm2', userId: 8 }));
    await publish(kept(3, { kind: 'photo', content: null, threadId: 4, sentMs }));
    await settled();
    const ids = async (query: string): Promise<number> => (await history(query)).length;
    expect([await ids(''), await ids('?role=assistant'), await ids('?kind=photo'), await ids('?user=8'), await ids('?thread=4'), await ids(`?until=${new Date(sentMs + 1).toISOString()}`), await ids(`?since=${new Date(sentMs + 1).toISOString()}`)]).toEqual([3, 1, 1, 1, 1, 1, 2]);
    expect((await history('?role=user&kind=text'))[0]).toMatchObject({ botId: BOT, chatId: String(chat), userId: '7', role: 'user', type: 'bot', content: '***', pii: true, telegramMessageId: '1', telegramUpdateId: '1' });
  });

  it.each([['/bots/nobot/chats/1/messages', 'path.botId'], [`/bots/${BOT}/chats/x/messages`, 'path.chatId'], [`/bots/${BOT}/chats/1/messages?cursor=1`, 'query.cursor'], [`/bots/${BOT}/chats/1/messages?since=today`, 'query.since']])('refuses %s', async (path, field) => {
    expect(await api.call('GET', path)).toMatchObject({ status: 400, body: { error: { code: 'request.invalid', field } } });
  });

  it('needs its scope', async () => {
    const { body } = await api.call('POST', '/admin/keys', { body: { name: 'other', scopes: ['dlq:read'] } });
    expect((await api.call('GET', `/bots/${BOT}/chats/1/messages`, { key: body.key })).status).toBe(403);
    expect((await api.call('DELETE', `/bots/${BOT}/chats/1/messages`, { key: body.key })).status).toBe(403);
  });
});

describe('erasure', () => {
  it('[K1] deletes a chat, or one person’s part of it, for good, and writes it down', async () => {
    await Promise.all([publish(kept(1)), publish(kept(2, { userId: 9 })), publish(kept(3, { direction: 'out', id: 'm3', userId: 9 }))]);
    await settled();
    expect((await api.call('DELETE', `/bots/${BOT}/users/9/messages`)).body).toEqual({ removed: 2, complete: true });
    expect(await history()).toMatchObject([{ content: 'message 1' }]);
    expect((await api.call('DELETE', `/bots/${BOT}/chats/${chat}/messages`)).body).toEqual({ removed: 1, complete: true });
    expect(await history()).toEqual([]);
    expect((await api.call('GET', '/admin/audit?action=messages.erase')).body.items).toMatchObject([{ actor: 'install', target: `bots/${BOT}/chats/${chat}/messages` }, { target: `bots/${BOT}/users/9/messages` }]);
  });

  it('[K1] reaches messages that are still on their way, and none that come later', async () => {
    await api.call('DELETE', `/bots/${BOT}/chats/${chat}/messages`);
    await publish(kept(1, { sentMs: Date.now() - 60_000 }));
    await publish(kept(2, { sentMs: Date.now() + 1 }));
    await settled();
    expect(await history()).toMatchObject([{ content: 'message 2' }]);
  });
});

describe('the retention job', () => {
  it('[K6] deletes what is older than each bot keeps, in batches, and drops months that nobody keeps', async () => {
    const nowMs = Date.parse('2031-03-20T12:00:00Z');
    const messages = new PrismaMessages(api.db);
    const retention = new PrismaMessageRetention(api.db);
    await api.db.messageRetention.deleteMany();
    const before = (await retention.months()).map(({ table }) => table);
    const write = async (botId: string, sentMs: number, retentionDays: number, n = 1): Promise<void> => {
      await retention.ensureMonths([monthOf(new Date(sentMs))]);
      const arrived = Array.from({ length: n }, (_, at) => readArrived(JSON.stringify(kept(at, { botId, sentMs: sentMs + at, retentionMs: retentionDays * DAY_MS }))));
      await messages.write(arrived.filter((message) => message !== undefined));
    };
    await write('shop_long', nowMs - 29 * DAY_MS, 30);
    await write('shop_short', nowMs - 3 * DAY_MS, 2, DELETE_ROWS_MAX + 10);
    await write('shop_short', nowMs - DAY_MS, 2);
    await write('shop_gone', nowMs - 70 * DAY_MS, 1);
    const removed: string[] = [];
    const tidy = new TidyMessages(retention, { count: () => undefined, removed: (by, n) => removed.push(`${by} ${n}`) }, { nowMs: () => nowMs });
    expect(await tidy.execute()).toBe(true);
    expect(removed).toEqual([`partition ${before.length + 1}`, `rows ${DELETE_ROWS_MAX}`, 'rows 10', 'rows 0']);
    expect((await retention.months()).map(({ table }) => table)).toEqual(['messages_y2031m02', 'messages_y2031m03', 'messages_y2031m04', 'messages_y2031m05']);
    const left = await api.db.message.groupBy({ by: ['botId'], _count: true, where: { botId: { in: ['shop_long', 'shop_short', 'shop_gone'] } }, orderBy: { botId: 'asc' } });
    expect(left).toEqual([{ botId: 'shop_long', _count: 1 }, { botId: 'shop_short', _count: 1 }]);
  });

  it('[K6] goes by what a bot said last, not by what came last', async () => {
    const messages = new PrismaMessages(api.db);
    const retention = new PrismaMessageRetention(api.db);
    const say = async (sentMs: number, retentionMs: number): Promise<void> => {
      await retention.ensureMonths([monthOf(new Date(sentMs))]);
      const message = readArrived(JSON.stringify(kept(1, { botId: 'shop_news', sentMs, retentionMs })));
      if (message !== undefined) await messages.write([message]);
    };
    await say(Date.now(), 2_000);
    await say(Date.now() - 60_000, 1_000);
    expect(await api.db.messageRetention.findUnique({ where: { botId: 'shop_news' } })).toMatchObject({ retentionMs: 2_000n });
  });
});
