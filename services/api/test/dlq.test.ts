import { HEADERS, STREAMS } from '@botplane/contracts';
import { outboundPartition, updatePartition } from '@botplane/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REPLAY_UPDATE_ID_BASE } from '../src/domain/plan-replay.ts';
import { BOT, bury, deadCall, deadUpdate, emptyStreams, read, startApi } from './setup.ts';
import type { TestApi } from './setup.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());
beforeEach(() => emptyStreams(api.nats));

const UPDATES_SUBJECT = `updates.${updatePartition(BOT, 'c77')}.${BOT}`;

describe('GET /admin/dlq', () => {
  it('[W2] lists what failed and why, without what people wrote', async () => {
    const [id] = await bury(api.nats, 'in', [deadUpdate(1)]);
    const { status, body } = await api.call('GET', '/admin/dlq/in');
    expect(status).toBe(200);
    expect(body).toMatchObject({ next: null, depth: 1 });
    expect(body.items).toEqual([expect.objectContaining({ id, queue: 'in', botId: BOT, subjectId: '901', reason: 'guest_error', attempts: 3, kind: 'message', orderKey: 'c77', failedAt: '2023-11-14T22:13:20.000Z' })]);
    expect(body.items[0].payload.message).toMatchObject({ chat: { id: 77, type: 'private', first_name: '***' }, text: '***' });
    expect(JSON.stringify(body)).not.toMatch(/Ada|my secret/);
  });

  it('[W2] filters by bot and reason and goes through all pages', async () => {
    await bury(api.nats, 'in', [1, 2, 3, 4, 5].map((n) => deadUpdate(n)));
    await bury(api.nats, 'in', [deadUpdate(6, { reason: 'timeout' }), deadUpdate(7, { botId: 'shop_tea' })]);
    await bury(api.nats, 'out', [deadCall(1)]);
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 10; pages += 1) {
      const { body } = await api.call('GET', `/admin/dlq/in?bot=${BOT}&reason=guest_error&limit=2${cursor}`);
      seen.push(...body.items.map((item: { subjectId: string }) => item.subjectId));
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(['901', '902', '903', '904', '905']);
    expect((await api.call('GET', '/admin/dlq/in?bot=shop_tea')).body.items).toHaveLength(1);
    expect((await api.call('GET', '/admin/dlq/in?reason=timeout')).body.items).toHaveLength(1);
    expect((await api.call('GET', '/admin/dlq/out')).body).toMatchObject({ depth: 1, items: [{ kind: 'sendMessage' }] });
    expect((await api.call('GET', '/admin/dlq/jobs')).body).toEqual({ items: [], next: null, depth: 0 });
  });

  it('[W2] shows one entry as it was, and only in its own queue', async () => {
    const [id] = await bury(api.nats, 'in', [deadUpdate(1)]);
    const { body } = await api.call('GET', `/admin/dlq/in/${id}`);
    expect(body.payload.message.text).toBe('my secret 1');
    expect((await api.call('GET', `/admin/dlq/out/${id}`)).status).toBe(404);
    const missing = await api.call('GET', '/admin/dlq/in/999999');
    expect(missing).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    expect(missing.body.error.message).toContain('GET /admin/dlq/in');
  });

  it('shows an entry that cannot be read, so that it can be deleted', async () => {
    await api.nats.js.publish(`dlq.in.${BOT}`, 'not json');
    const { body } = await api.call('GET', '/admin/dlq/in');
    expect(body.items).toMatchObject([{ botId: BOT, reason: 'unreadable', payload: null }]);
    expect((await api.call('POST', '/admin/dlq/in/replay', { body: { all: true } })).body).toMatchObject({ replayed: 0, refused: [{ code: 'dlq.unreadable' }] });
    expect((await api.call('DELETE', '/admin/dlq/in?reason=unreadable')).body).toEqual({ removed: 1, complete: true });
  });
});

describe('POST /admin/dlq/{queue}/replay', () => {
  it('[W2] puts an update back to the tail of its own partition, with a source of its own', async () => {
    const [id] = await bury(api.nats, 'in', [deadUpdate(1)]);
    const before = Date.now();
    const { status, body } = await api.call('POST', '/admin/dlq/in/replay', { body: { ids: [id] } });
    expect({ status, body }).toEqual({ status: 200, body: { dryRun: false, matched: 1, replayed: 1, duplicates: 0, missing: [], refused: [], refusedCount: 0, complete: true } });
    const [message, ...more] = await read(api.nats, STREAMS.updates, '>');
    expect(more).toEqual([]);
    expect(message?.subject).toBe(UPDATES_SUBJECT);
    expect(message?.body).toEqual(deadUpdate(1).payload);
    expect(message?.header('Nats-Msg-Id')).toBe(`dlq:${id}`);
    expect([HEADERS.orderKey, HEADERS.stateKey, HEADERS.kind].map((name) => message?.header(name))).toEqual(['c77', 'c77_u77', 'message']);
    // The original id would be taken for a repeat by the executor.
    expect(message?.header(HEADERS.updateId)).toBe(String(REPLAY_UPDATE_ID_BASE + Number(id)));
    expect(Number(message?.header(HEADERS.acceptedMs))).toBeGreaterThanOrEqual(before);
    expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(0);
  });

  it('[W2] makes one message of two replays, one after the other or at once', async () => {
    const [id] = await bury(api.nats, 'in', [deadUpdate(1)]);
    const replay = () => api.call('POST', '/admin/dlq/in/replay', { body: { ids: [id] } });
    const answers = await Promise.all([replay(), replay(), replay()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.reduce((sum, { body }) => sum + body.replayed, 0)).toBe(1);
    expect((await replay()).body).toMatchObject({ matched: 0, replayed: 0, missing: [id] });
    expect(await read(api.nats, STREAMS.updates, '>')).toHaveLength(1);
  });

  it('[W2] does not repeat what was published by a replay that died before it could delete', async () => {
    const [id] = await bury(api.nats, 'in', [deadUpdate(1)]);
    await api.nats.js.publish(UPDATES_SUBJECT, JSON.stringify(deadUpdate(1).payload), { msgID: `dlq:${id}` });
    expect((await api.call('POST', '/admin/dlq/in/replay', { body: { all: true } })).body).toMatchObject({ matched: 1, replayed: 0, duplicates: 1 });
    expect(await read(api.nats, STREAMS.updates, '>')).toHaveLength(1);
    expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(0);
  });

  it('[W2] sends a call again in its lane under a new source', async () => {
    const [id] = await bury(api.nats, 'out', [deadCall(3)]);
    await api.call('POST', '/admin/dlq/out/replay', { body: { all: true } });
    const [message] = await read(api.nats, STREAMS.outbound, '>');
    expect(message?.subject).toBe(`out.reply.${outboundPartition(BOT)}.${BOT}`);
    expect(message?.body).toMatchObject({ v: 1, botId: BOT, lane: 'reply', chat: '77', method: 'sendMessage', params: { chat_id: 77, text: 'answer 3' }, revision: 'coffee-1', source: { key: `dlq:${id}`, seq: Number(id), n: 0 } });
    expect(message?.body['acceptedMs']).toBeGreaterThan(5);
  });

  it('[W2] replays all that match in their order, and nothing else', async () => {
    await bury(api.nats, 'in', Array.from({ length: 250 }, (_, n) => deadUpdate(n)));
    await bury(api.nats, 'in', [deadUpdate(900, { reason: 'timeout' }), deadUpdate(901, { botId: 'shop_tea' })]);
    const { body } = await api.call('POST', '/admin/dlq/in/replay', { body: { all: true, bot: BOT, reason: 'guest_error' } });
    expect(body).toMatchObject({ matched: 250, replayed: 250, complete: true });
    const ids = (await read(api.nats, STREAMS.updates, '>')).map(({ body: update }) => update['update_id']);
    expect(ids).toEqual(Array.from({ length: 250 }, (_, n) => 900 + n));
    expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(2);
  });

  it('[W2] only tells in a dry run', async () => {
    await bury(api.nats, 'in', [deadUpdate(1), { ...deadUpdate(2), keys: undefined } as never]);
    const { body } = await api.call('POST', '/admin/dlq/in/replay', { body: { all: true, dryRun: true } });
    expect(body).toMatchObject({ dryRun: true, matched: 2, replayed: 1, refused: [{ code: 'dlq.not_replayable' }] });
    expect(await read(api.nats, STREAMS.updates, '>')).toEqual([]);
    expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(2);
  });

  it('keeps the rest when the queue takes no more, and says so', async () => {
    const ids = await bury(api.nats, 'in', Array.from({ length: 3 }, (_, n) => deadUpdate(n)));
    for (let n = 0; n < 999; n += 1) await api.nats.js.publish(UPDATES_SUBJECT, '{}');
    const { body } = await api.call('POST', '/admin/dlq/in/replay', { body: { all: true } });
    expect(body).toMatchObject({ matched: 2, replayed: 1, refused: [{ id: ids[1], code: 'store.full' }], complete: false });
    expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(2);
  });

  it.each([
    [{}, 'body.ids'],
    [{ all: true, ids: ['1'] }, 'body.ids'],
    [{ ids: ['x'] }, 'body.ids.0'],
    [{ ids: ['1'], bot: BOT }, 'body.bot'],
    [{ all: true, bots: 'x' }, 'body.bots'],
  ])('refuses %j and names the field', async (body, field) => {
    expect(await api.call('POST', '/admin/dlq/in/replay', { body })).toMatchObject({ status: 400, body: { error: { code: 'request.invalid', field } } });
  });
});

describe('DELETE /admin/dlq', () => {
  it('[W2] deletes one, those of a bot or reason, or all of one queue', async () => {
    const [id] = await bury(api.nats, 'in', [deadUpdate(1), deadUpdate(2, { reason: 'timeout' }), deadUpdate(3, { botId: 'shop_tea' }), deadUpdate(4)]);
    await bury(api.nats, 'out', [deadCall(1)]);
    expect((await api.call('DELETE', `/admin/dlq/in/${id}`)).body).toEqual({ removed: 1, complete: true });
    expect((await api.call('DELETE', `/admin/dlq/in/${id}`)).status).toBe(404);
    expect((await api.call('DELETE', '/admin/dlq/in?bot=shop_tea')).body).toEqual({ removed: 1, complete: true });
    expect((await api.call('DELETE', '/admin/dlq/in?reason=timeout')).body).toEqual({ removed: 1, complete: true });
    expect((await api.call('DELETE', '/admin/dlq/in')).body).toEqual({ removed: 1, complete: true });
    expect((await api.call('GET', '/admin/dlq/out')).body.depth).toBe(1);
  });

  it('deletes jobs of one bot only, although their subjects name a queue', async () => {
    await bury(api.nats, 'jobs', [deadUpdate(1), deadUpdate(2, { botId: 'shop_tea' })]);
    expect((await api.call('DELETE', '/admin/dlq/jobs?bot=shop_tea')).body).toEqual({ removed: 1, complete: true });
    expect((await api.call('GET', '/admin/dlq/jobs')).body.items).toMatchObject([{ botId: BOT }]);
  });
});

describe('control actions', () => {
  it('[W2] are written down with who, what and which, without personal data', async () => {
    await api.db.auditEntry.deleteMany();
    const [id] = await bury(api.nats, 'in', [deadUpdate(1), deadUpdate(2), deadUpdate(3)]);
    await api.call('POST', '/admin/dlq/in/replay', { body: { ids: [id] } });
    await api.call('POST', '/admin/dlq/in/replay', { body: { all: true, dryRun: true } });
    await api.call('DELETE', '/admin/dlq/in');
    const rows = await api.db.auditEntry.findMany({ orderBy: { id: 'asc' } });
    expect(rows.map(({ actor, action, target, details }) => ({ actor, action, target, details }))).toMatchObject([
      { actor: 'install', action: 'dlq.replay', target: 'dlq/in', details: { ids: [id] } },
      { actor: 'install', action: 'dlq.purge', target: 'dlq/in', details: { bot: null, reason: null } },
    ]);
  });
});
