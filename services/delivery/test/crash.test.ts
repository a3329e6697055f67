import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { STREAMS } from '@botplane/contracts';
import type { KeptMessage, OutboundCall } from '@botplane/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Stage, endOf, sleep } from './setup.ts';
import type { TestBot } from './setup.ts';

let stage: Stage;
const children: ChildProcess[] = [];
beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => stage?.close());

const CHATS = Array.from({ length: 10 }, (_none, n) => 200 + n);
const SLOW_CHAT = 200;
const COUNT = 20;
const TEST_MS = 120_000;
const patience = { timeout: 60_000 };

async function start(env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = await stage.spawnDelivery(env);
  children.push(child);
  return child;
}

async function setup(delayMs: number, slow?: { chat: number; delayMs: number; count: number }): Promise<TestBot> {
  const bot = await stage.bot();
  await bot.people(...CHATS);
  if (slow) await bot.fault({ method: 'sendMessage', kind: 'slow', chat_id: slow.chat, delay_ms: slow.delayMs, count: slow.count });
  if (delayMs > 0) await bot.fault({ method: 'sendMessage', kind: 'slow', delay_ms: delayMs, count: 1_000 });
  return bot;
}

/** Feeds every chat while `disturb` does its worst. */
async function feed(bot: TestBot, disturb: () => Promise<void>): Promise<void> {
  const feeding = (async () => {
    for (let n = 0; n < COUNT; n += 1) {
      await Promise.all(CHATS.map((chat) => bot.send(chat, String(n))));
      await sleep(60);
    }
  })();
  await disturb();
  await feeding;
}

/** Every text arrived, none before an earlier one; how many of them came twice, by chat. */
async function repeatsOf(bot: TestBot): Promise<number[]> {
  const repeats: number[] = [];
  for (const chat of CHATS) {
    await expect.poll(async () => (await bot.texts(chat)).at(-1), patience).toBe(String(COUNT - 1));
    const texts = (await bot.texts(chat)).map(Number);
    expect(new Set(texts).size).toBe(COUNT);
    expect(texts).toEqual(texts.toSorted((a, b) => a - b));
    repeats.push(texts.length - COUNT);
  }
  return repeats;
}

describe('delivery', () => {
  it('[P9] that is killed between send and ack repeats at most the one call of a chat that was in flight', async () => {
    const bot = await setup(30, { chat: SLOW_CHAT, delayMs: 300, count: 1_000 }); // The others get far ahead of the ack floor.
    const first = await start();
    await feed(bot, async () => {
      await expect.poll(async () => (await bot.texts(CHATS[1] ?? 0)).length, patience).toBeGreaterThan(10);
      await endOf(first, 'SIGKILL');
      await start();
    });
    expect(Math.max(...(await repeatsOf(bot)))).toBeLessThanOrEqual(1);
  }, TEST_MS);

  it('[A6] that is stopped in order repeats nothing, and another one goes on', async () => {
    const bot = await setup(30);
    const first = await start();
    await feed(bot, async () => {
      await expect.poll(async () => (await bot.texts(CHATS[0] ?? 0)).length, patience).toBeGreaterThan(3);
      await start();
      expect(await endOf(first, 'SIGTERM')).toBe(0);
    });
    expect(await repeatsOf(bot)).toEqual(CHATS.map(() => 0));
  }, TEST_MS);

  it('[P9] that was asleep while another took over sends nothing when it wakes', async () => {
    const bot = await setup(0);
    await bot.fault({ method: 'sendMessage', kind: '429', retry_after: 6, count: CHATS.length });
    const first = await start();
    for (const chat of CHATS) for (let n = 0; n < COUNT; n += 1) await bot.send(chat, String(n));
    await expect.poll(async () => (await bot.seen()).length, { ...patience, interval: 10 }).toBeGreaterThan(2);
    await sleep(1_000); // What is with Telegram is answered; the calls in hand wait for the freeze to end.
    first.kill('SIGSTOP');
    await start();
    await repeatsOf(bot);
    first.kill('SIGCONT');
    await sleep(2_500);
    expect(await repeatsOf(bot)).toEqual(CHATS.map(() => 0));
  }, TEST_MS);

  it('[P9] goes on after a restart of NATS without a repeat', async () => {
    const bot = await setup(30, { chat: SLOW_CHAT, delayMs: 6_000, count: 1 }); // With Telegram until after the partition is claimed anew.
    await start();
    for (const chat of CHATS) for (let n = 0; n < COUNT; n += 1) await bot.send(chat, String(n));
    await expect.poll(async () => (await bot.texts(CHATS[1] ?? 0)).length, patience).toBeGreaterThan(3);
    await stage.server.kill();
    await sleep(500);
    await stage.server.restart();
    expect(await repeatsOf(bot)).toEqual(CHATS.map(() => 0));
  }, TEST_MS);
});

describe('delivery that crashes at a failpoint', () => {
  const CHAT = 300;

  /** A call at which it dies, one after it, and another delivery that goes on. */
  async function crashAt(point: string, bot: TestBot, first: { text: string } & Partial<OutboundCall>): Promise<void> {
    await bot.people(CHAT);
    const victim = await start({ BOTPLANE_FAILPOINTS: `${point}:1` });
    const ended = once(victim, 'exit');
    const { text, ...options } = first;
    await bot.send(CHAT, text, options);
    await ended;
    await bot.send(CHAT, 'next');
    await start();
    await expect.poll(async () => (await bot.texts(CHAT)).at(-1), patience).toBe('next');
  }

  it('[P9] after-dead-letter leaves one dead letter, not two', async () => {
    const bot = await stage.bot();
    await crashAt('after-dead-letter', bot, { text: '', params: { chat_id: CHAT, text: '<b>no end', parse_mode: 'HTML' } });
    expect((await bot.deadLetters()).map(({ reason }) => reason)).toEqual(['bad_entities']);
    expect(await bot.texts(CHAT)).toEqual(['next']);
  }, TEST_MS);

  it('[P9] after-kept-message sends the message again, once, and lost nothing of what is kept', async () => {
    const bot = await stage.bot();
    await crashAt('after-kept-message', bot, { text: 'kept', keep: { retentionMs: 60_000, userId: null, updateId: null } });
    expect(await bot.texts(CHAT)).toEqual(['kept', 'kept', 'next']);
    expect(await keptIds(bot)).toEqual((await idsOf(bot, 'kept')).map((id) => `m${id}`));
  }, TEST_MS);

  it('[P9] after-freeze leaves the chat alone until its time', async () => {
    const retryAfterS = 10; // Longer than it takes to notice a death and take over.
    const bot = await stage.bot();
    await bot.fault({ method: 'sendMessage', kind: '429', retry_after: retryAfterS, count: 1 });
    await crashAt('after-freeze', bot, { text: 'late' });
    const [refused, taken] = await bot.seen();
    expect([refused?.status, taken?.status]).toEqual([429, 200]);
    expect((taken?.time ?? 0) - (refused?.time ?? 0)).toBeGreaterThanOrEqual(retryAfterS * 1_000 - 50);
    expect(await bot.texts(CHAT)).toEqual(['late', 'next']);
  }, TEST_MS);

  /** Ids of the messages of this text in the chat. */
  async function idsOf(bot: TestBot, text: string): Promise<number[]> {
    const { messages } = await stage.control<{ messages: { message_id: number; text?: string }[] }>('GET', `chats/${bot.token}/${CHAT}/messages`);
    return messages.filter((message) => message.text === text).map((message) => message.message_id);
  }

  async function keptIds(bot: TestBot): Promise<string[]> {
    const { jsm } = stage.nats;
    const { state } = await jsm.streams.info(STREAMS.messages);
    const ids: string[] = [];
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
      const message = await jsm.streams.getMessage(STREAMS.messages, { seq });
      const kept = message?.json<KeptMessage>();
      if (kept?.botId === bot.botId) ids.push(kept.id);
    }
    return ids;
  }
});
