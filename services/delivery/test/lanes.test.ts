import type { ChildProcess } from 'node:child_process';
import { subjects } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
import { NATS_LIMITS } from '@botplane/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, endOf, sleep } from './setup.ts';
import type { TestBot } from './setup.ts';

const TEST_MS = 60_000;
const patience = { timeout: 60_000 };
const bulk = (stage: Stage): object => ({ lane: 'bulk', source: { key: 'campaign', seq: stage.sequence('campaign'), n: 0 } });
const chats = (from: number, count: number): number[] => Array.from({ length: count }, (_none, n) => from + n);

let stage: Stage;
let process: ChildProcess;
beforeAll(async () => {
  stage = await Stage.open();
  process = await stage.spawnDelivery();
});
afterAll(async () => {
  process?.kill('SIGKILL');
  await stage?.close();
});

/** Replies of one partition that delivery works on at the same time. */
const IN_HAND_MAX = NATS_LIMITS.inHandMax;

async function waitingOf(bot: TestBot, lane: 'bulk' | 'reply' = 'bulk'): Promise<number> {
  const subject = subjects.outbound(lane, outboundPartition(bot.botId), bot.botId);
  return (await stage.nats.jsm.streams.info('OUTBOUND', { subjects_filter: subject })).state.subjects?.[subject] ?? 0;
}

describe('a flood of bulk calls', () => {
  it('[W1] larger than what is taken in hand delays no reply of its partition and no other bot’s bulk calls', async () => {
    const flooding = await stage.bot();
    const other = await stage.bot({ beside: flooding });
    await flooding.people(1, 2);
    await other.people(1, 2);
    const flood = IN_HAND_MAX + 500;
    for (let n = 0; n < flood; n += 500) await Promise.all(chats(n, 500).map(() => flooding.send(1, 'flood', bulk(stage))));
    const startMs = performance.now();
    await Promise.all([flooding.send(2, 'answer'), other.send(1, 'answer'), other.send(2, 'news', bulk(stage))]);
    await expect.poll(() => flooding.texts(2), patience).toEqual(['answer']);
    await expect.poll(() => other.texts(1), patience).toEqual(['answer']);
    await expect.poll(() => other.texts(2), patience).toEqual(['news']);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(await waitingOf(flooding)).toBeGreaterThan(IN_HAND_MAX);
    await stage.nats.jsm.streams.purge('OUTBOUND', { filter: subjects.outbound('bulk', outboundPartition(flooding.botId), flooding.botId) });
  }, TEST_MS);

  it('[W1] nor does a flood of replies to a chat that Telegram has frozen', async () => {
    const flooding = await stage.bot();
    const other = await stage.bot({ beside: flooding });
    await flooding.people(1, 2);
    await other.people(1);
    await flooding.fault({ method: 'sendMessage', kind: '429', chat_id: 1, retry_after: 60, count: 1 });
    const flood = IN_HAND_MAX + 500;
    for (let n = 0; n < flood; n += 500) await Promise.all(chats(n, 500).map(() => flooding.send(1, 'flood')));
    await Promise.all([flooding.send(2, 'answer'), other.send(1, 'answer')]);
    await expect.poll(() => flooding.texts(2), patience).toEqual(['answer']);
    await expect.poll(() => other.texts(1), patience).toEqual(['answer']);
    expect(await waitingOf(flooding, 'reply')).toBeGreaterThanOrEqual(flood);
    await stage.nats.jsm.streams.purge('OUTBOUND', { filter: subjects.outbound('reply', outboundPartition(flooding.botId), flooding.botId) });
  }, TEST_MS);

  it('[P9] goes out at the rate of its bot, in order, and leaves nothing in the stream', async () => {
    const bot = await stage.bot();
    const people = chats(1, 50);
    await bot.people(...people);
    await Promise.all(people.map((chat) => bot.send(chat, `to ${chat}`, bulk(stage))));
    await expect.poll(async () => (await bot.seen()).length, patience).toBe(people.length);
    const times = (await bot.seen()).map((call) => call.time);
    const secondsOf50At25 = 48 / 25; // Two may go at once.
    // Any of them may be late on its way; how exact the rate is the bench tells.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan((secondsOf50At25 / 2) * 1_000);
    await expect.poll(() => waitingOf(bot), patience).toBe(0);
  }, TEST_MS);
});

describe('a takeover', () => {
  it('[P9] repeats at most one call of a chat, and sends nothing before the retry_after that the killed owner was told', async () => {
    const [paced, chatFrozen, botFrozen] = [await stage.bot(), await stage.bot(), await stage.bot()];
    const [people, retryAfterS] = [chats(1, 20), 8];
    await paced.people(...people);
    await chatFrozen.people(1, 2);
    await botFrozen.people(1, 2, 3, 4);
    await chatFrozen.fault({ method: 'sendMessage', kind: '429', chat_id: 1, retry_after: retryAfterS, count: 1 });
    await botFrozen.fault({ method: 'sendMessage', kind: '429', retry_after: retryAfterS, count: 3 });
    for (let n = 0; n < 4; n += 1) await Promise.all(people.map((chat) => paced.send(chat, String(n), bulk(stage))));
    await chatFrozen.send(1, 'frozen', bulk(stage));
    await Promise.all([1, 2, 3].map((chat) => botFrozen.send(chat, 'frozen')));
    await expect.poll(async () => [(await chatFrozen.seen()).length, (await botFrozen.seen()).length], { ...patience, interval: 10 }).toEqual([1, 3]);
    await sleep(300);

    await endOf(process, 'SIGKILL');
    await chatFrozen.send(1, 'reply');
    await botFrozen.send(4, 'other chat');
    await chatFrozen.send(2, 'free');
    process = await stage.spawnDelivery();

    await expect.poll(() => chatFrozen.texts(2), patience).toEqual(['free']);
    await expect.poll(async () => new Set((await paced.seen()).map((call) => `${call.params.chat_id}/${call.params.text}`)).size, patience).toBe(people.length * 4);
    for (const chat of people) {
      const texts = await paced.texts(chat);
      expect(texts).toEqual(texts.toSorted());
      expect([4, 5]).toContain(texts.length);
    }
    await expect.poll(async () => (await chatFrozen.texts(1)).toSorted(), patience).toEqual(['frozen', 'reply']);
    for (const chat of [1, 2, 3, 4]) await expect.poll(() => botFrozen.texts(chat), patience).toHaveLength(1);
    for (const bot of [chatFrozen, botFrozen]) {
      const calls = (await bot.seen()).filter((call) => bot === botFrozen || call.params.chat_id === 1);
      const toldMs = Math.min(...calls.filter((call) => call.status === 429).map((call) => call.time));
      const sent = calls.filter((call) => call.status === 200).map((call) => call.time - toldMs);
      expect(Math.min(...sent)).toBeGreaterThanOrEqual(retryAfterS * 1_000);
    }
  }, TEST_MS);
});
