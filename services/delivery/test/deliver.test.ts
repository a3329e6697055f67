import { subjects } from '@botplane/contracts';
import type { RevisionStats } from '@botplane/contracts';
import { chatMark, outboundPartition } from '@botplane/domain';
import type { RunningService } from '@botplane/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, sleep } from './setup.ts';

let stage: Stage;
let delivery: RunningService;
beforeAll(async () => {
  stage = await Stage.open();
  delivery = await stage.startDelivery();
});
afterAll(async () => {
  await delivery?.close();
  await stage?.close();
});

const patience = { timeout: 60_000 };

async function metric(name: string): Promise<number> {
  const lines = (await (await fetch(`${delivery.url}/metrics`)).text()).split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('calls', () => {
  it('[P9] reach each chat in order, many chats at once', async () => {
    const bot = await stage.bot();
    const chats = Array.from({ length: 12 }, (_none, n) => 100 + n);
    await bot.people(...chats);
    for (let n = 0; n < 15; n += 1) await Promise.all(chats.map((chat) => bot.send(chat, String(n))));
    const expected = Array.from({ length: 15 }, (_none, n) => String(n));
    for (const chat of chats) await expect.poll(() => bot.texts(chat), patience).toEqual(expected);
  });

  it('that come again are not sent again', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    const first = await bot.send(1, 'first');
    await bot.send(1, 'second');
    await stage.publish(first);
    await bot.send(1, 'third');
    await expect.poll(() => bot.texts(1), patience).toEqual(['first', 'second', 'third']);
    expect(await metric('botplane_delivery_calls_total{lane="reply",outcome="repeated"}')).toBeGreaterThan(0);
    await expect.poll(async () => (await bot.sentRecord('1'))?.last, patience).toEqual({ 'reply:c1_u1': [3, 0] });
  });

  it('that answer a query go at once while a chat is stuck, and leave no record', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    await bot.fault({ method: 'sendMessage', kind: '429', retry_after: 3, count: 1 });
    await bot.send(1, 'stuck');
    await stage.control('POST', 'updates', { token: bot.token, update: { pre_checkout_query: { id: 'q1', from: { id: 1 } } } });
    const askedMs = performance.now();
    await stage.publish({
      v: 1, botId: bot.botId, lane: 'reply', chat: null, source: { key: 'query-5', seq: 5, n: 0 }, method: 'answerPreCheckoutQuery',
      params: { pre_checkout_query_id: 'q1', ok: false, error_message: 'no' }, revision: 'r', acceptedMs: Date.now(),
    });
    await expect.poll(async () => (await stage.control<{ calls: object[] }>('GET', `calls?token=${bot.token}&method=answerPreCheckoutQuery`)).calls, patience).toMatchObject([{ status: 200 }]);
    expect(performance.now() - askedMs).toBeLessThan(2_500);
    expect(await bot.texts(1)).toEqual([]);
    await expect.poll(() => bot.texts(1), patience).toEqual(['stuck']);
    expect(await bot.sentRecord('s=query-5')).toBeUndefined();
  });

  it('of one update keep their order among themselves', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    for (let n = 0; n < 5; n += 1) await bot.send(1, `part ${n}`, { source: { key: 'c1_u1', seq: 9, n } });
    await expect.poll(() => bot.texts(1), patience).toEqual([0, 1, 2, 3, 4].map((n) => `part ${n}`));
  });

  it('remember a sent message by its ref, so that a later call can change it', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    await bot.send(1, 'draft', { ref: 'order' });
    await bot.send(1, '', { ref: 'order', method: 'editMessageText', params: { chat_id: 1, text: 'final' } });
    await expect.poll(() => bot.texts(1), patience).toEqual(['final']);
    await bot.send(1, '', { ref: 'unknown', method: 'editMessageText', params: { chat_id: 1, text: 'never' } });
    await expect.poll(async () => (await bot.deadLetters()).map((entry) => entry.reason), patience).toEqual(['ref_unknown']);
  });

  it('wait for a token that comes later', async () => {
    const bot = await stage.bot({ withToken: false });
    await bot.people(1);
    await bot.send(1, 'patient');
    await sleep(300);
    expect(await bot.texts(1)).toEqual([]);
    await stage.putToken(bot.botId, bot.token);
    await expect.poll(() => bot.texts(1), patience).toEqual(['patient']);
  });

  it('[W1] on the bulk lane let replies of the same chat go first, and are paced', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    for (const text of ['bulk 1', 'bulk 2', 'bulk 3']) await bot.send(1, text, { lane: 'bulk', source: { key: 'campaign', seq: stage.sequence('campaign'), n: 0 } });
    await expect.poll(() => bot.texts(1), { ...patience, interval: 10 }).toEqual(['bulk 1']);
    await bot.send(1, 'reply');
    await expect.poll(() => bot.texts(1), patience).toEqual(['bulk 1', 'reply', 'bulk 2', 'bulk 3']);
  });
});

describe('when Telegram refuses', () => {
  it('[P9] leaves a chat alone for the whole retry_after, and no other chat waits', async () => {
    const bot = await stage.bot();
    await bot.people(1, 2);
    await bot.fault({ method: 'sendMessage', chat_id: 1, kind: '429', retry_after: 2, count: 1 });
    await bot.send(1, 'late');
    await expect.poll(async () => (await bot.seen()).length, { ...patience, interval: 10 }).toBe(1);
    const frozenMs = performance.now();
    await bot.send(1, 'typing', { method: 'sendChatAction', params: { chat_id: 1, action: 'typing' } });
    await bot.send(2, 'at once');
    await expect.poll(() => bot.texts(2), patience).toEqual(['at once']);
    expect(await bot.texts(1)).toEqual([]);
    await expect.poll(() => bot.texts(1), patience).toEqual(['late']);
    expect(performance.now() - frozenMs).toBeGreaterThan(1_500);
    expect((await bot.seen()).filter((call) => call.params.chat_id === 1).map((call) => call.status)).toEqual([429, 200]);
  });

  it('drops chat actions that would have to wait', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    await bot.fault({ method: 'sendChatAction', kind: '429', retry_after: 1, count: 1 });
    for (let n = 0; n < 3; n += 1) await bot.send(1, '', { method: 'sendChatAction', params: { chat_id: 1, action: 'typing' } });
    await bot.send(1, 'after');
    await expect.poll(() => bot.texts(1), patience).toEqual(['after']);
    expect(await bot.seen('sendChatAction')).toHaveLength(1);
  });

  it('[P9][W2] tries again after an error of the server, and goes to the DLQ after three', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    await bot.fault({ method: 'sendMessage', kind: '500', count: 4 });
    await bot.send(1, 'given up');
    await bot.send(1, 'second try');
    await expect.poll(() => bot.texts(1), patience).toEqual(['second try']);
    expect(await bot.deadLetters()).toMatchObject([{ reason: 'http_500', attempts: 3, payload: { params: { text: 'given up' } } }]);
    const told = stage.logLines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ botId }) => botId === bot.botId);
    expect(told).toMatchObject([{ level: 'warn', name: 'delivery', chat: chatMark(bot.botId, 'c1'), method: 'sendMessage', reason: 'http_500', msg: 'call went to the dlq' }]);
  });

  it('[P7] counts against a revision what Telegram refuses of its calls, and nothing that is the person\'s doing', async () => {
    const bot = await stage.bot();
    const told: RevisionStats['entries'] = [];
    const counts = stage.nats.connection.subscribe(subjects.revisionStats, { callback: (_error, message) => void told.push(...(JSON.parse(message.string()) as RevisionStats).entries) });
    await stage.nats.connection.flush();
    await bot.people(1, 2);
    await bot.block(2, true);
    await bot.send(2, 'blocked', { revision: 'sound' });
    await bot.send(1, 'x'.repeat(5_000), { revision: 'wordy' });
    await expect.poll(async () => (await bot.deadLetters()).length, patience).toBe(2);
    await expect.poll(() => told.filter(({ botId }) => botId === bot.botId), patience).toEqual([{ botId: bot.botId, revision: 'wordy', runs: 0, errors: 0, kills: 0, deadLetters: 1, stepMs: [] }]);
    counts.unsubscribe();
  });

  it('[P9] names why a call can never arrive, and goes on with the next', async () => {
    const bot = await stage.bot();
    await bot.people(1, 2);
    await bot.block(1, true);
    await bot.send(1, 'blocked');
    await bot.send(3, 'nobody');
    await bot.send(2, 'fine');
    await expect.poll(() => bot.texts(2), patience).toEqual(['fine']);
    await expect.poll(async () => (await bot.deadLetters()).map((entry) => entry.reason).toSorted(), patience).toEqual(['blocked', 'chat_not_found']);
    await bot.block(1, false);
    await bot.send(1, 'back');
    await expect.poll(() => bot.texts(1), patience).toEqual(['back']);
  });

  it('only counts a press that is too old to be answered', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    await bot.send(1, '', { method: 'answerCallbackQuery', params: { callback_query_id: '12345' } });
    await bot.send(1, 'after');
    await expect.poll(() => bot.texts(1), patience).toEqual(['after']);
    expect(await bot.deadLetters()).toEqual([]);
    expect(await metric('botplane_delivery_calls_total{lane="reply",outcome="too_old"}')).toBe(1);
  });

  it('counts a lost answer as ambiguous: the message may be there twice, never not at all', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    const before = await metric('botplane_delivery_ambiguous_total');
    await bot.fault({ method: 'sendMessage', kind: 'sent_then_reset', count: 1 });
    await bot.send(1, 'once or twice');
    await bot.send(1, 'next');
    await expect.poll(() => bot.texts(1), patience).toEqual(['once or twice', 'once or twice', 'next']);
    expect((await metric('botplane_delivery_ambiguous_total')) - before).toBe(1);
  });

  it('keeps the order while no connection can be made', async () => {
    const bot = await stage.bot({ apiRoot: 'http://127.0.0.1:9' });
    await bot.people(1);
    await bot.send(1, 'one');
    await bot.send(1, 'two');
    await sleep(1_200);
    await stage.putToken(bot.botId, bot.token);
    await expect.poll(() => bot.texts(1), patience).toEqual(['one', 'two']);
    expect(await bot.deadLetters()).toEqual([]);
  });
});

describe('a message that is no call', () => {
  it('is put aside without stopping the partition', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    await stage.nats.js.publish(subjects.outbound('reply', outboundPartition(bot.botId), bot.botId), '{"v":1,"method":"../getMe"}');
    await bot.send(1, 'fine');
    await expect.poll(() => bot.texts(1), patience).toEqual(['fine']);
  });
});
