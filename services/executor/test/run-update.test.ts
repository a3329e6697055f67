import { BUCKETS, subjects } from '@botplane/contracts';
import type { ChatRecord, RevisionStats } from '@botplane/contracts';
import { chatMark } from '@botplane/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { counting, handled, said, say } from './support/guests.ts';
import { FakeRuntime } from './support/fake-runtime.ts';
import { BOT, POOL, World } from './support/world.ts';

let world: World;
let chat = 100;

beforeAll(async () => {
  world = await World.start(counting);
  await world.startExecutor();
});
beforeEach(() => {
  world.runtime.guest = counting;
  chat++;
});
afterAll(async () => {
  await world.stop();
});

const settled = async (seqs: number): Promise<void> => {
  await expect.poll(async () => Number((await world.record(`c${chat}_u${chat}`))?.state['n'] ?? 0)).toBe(seqs);
};

describe('an update', () => {
  // The first: what other tests left uncounted would be told here.
  it('[P7] is counted for its revision, with what failed of it', async () => {
    const seen = { runs: 0, errors: 0, deadLetters: 0, steps: 0 };
    const subscription = world.nats.connection.subscribe(subjects.revisionStats, {
      callback: (_error, message) => {
        for (const entry of message.json<RevisionStats>().entries) {
          if (entry.botId !== BOT || entry.revision !== 'test-aaaa') continue;
          seen.runs += entry.runs;
          seen.errors += entry.errors;
          seen.deadLetters += entry.deadLetters;
          seen.steps += entry.stepMs.reduce((sum, count) => sum + count, 0);
        }
      },
    });
    await world.nats.connection.flush();
    await world.send(world.text(chat, 'hello'));
    await settled(1);
    world.runtime.guest = () => ({ failure: 'GUEST_ERROR' });
    await world.send(world.text(chat, 'bad'));
    await expect.poll(() => seen.deadLetters).toBe(1);
    subscription.unsubscribe();
    expect(seen.errors).toBe(3);
    expect(seen.runs).toBeGreaterThanOrEqual(4);
    expect(seen.steps).toBe(seen.runs - seen.errors);
  });

  it('[P9] runs on the routed revision, commits its state and reaches delivery', async () => {
    const updateId = await world.send(world.text(chat, 'hello'));
    await expect.poll(() => world.textsTo(chat)).toEqual(['1:hello']);
    const call = (await world.outbound()).find((one) => one.chat === String(chat));
    expect(call).toMatchObject({ v: 1, botId: BOT, lane: 'reply', revision: 'test-aaaa', source: { key: `c${chat}_u${chat}`, n: 0 } });
    expect(call?.msgId).toBe(`${BOT}:${call?.source.seq}:0`);
    const record = await world.record(`c${chat}_u${chat}`);
    expect(record).toMatchObject({ v: 1, state: { n: 1 }, updateIds: [updateId], routeSeq: 1, seq: call?.source.seq });
    expect(world.runtime.runs.at(-1)?.input.env).toMatchObject({ bot: { id: 42, username: 'test_bot' }, revision: 'test-aaaa', conversation: 'own', routed: true, answerPress: true });
  });

  it('[P9] is run in the order of its chat, however many come at once', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, n) => world.send(world.text(chat + 1_000 + (n % 4), String(n)))));
    for (let k = 0; k < 4; k++) {
      await expect.poll(async () => (await world.textsTo(chat + 1_000 + k)).length).toBe(10);
      expect((await world.textsTo(chat + 1_000 + k)).map((text) => Number(text.split(':')[0]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  });

  it('[P9] that Telegram sends again is not run again', async () => {
    const updateId = await world.send(world.text(chat, 'once'));
    await settled(1);
    await world.send(world.text(chat, 'once'), { updateId, msgId: `late-copy-${chat}` });
    await world.send(world.text(chat, 'next'));
    await settled(2);
    await expect.poll(() => world.textsTo(chat)).toEqual(['1:once', '2:next']);
  });

  it('[P9] of a guest that fails goes to the DLQ after three tries, with a word to the person, and the chat goes on', async () => {
    let tries = 0;
    world.runtime.guest = (input) => {
      if (said(input).text !== 'bad') return counting(input);
      tries++;
      return { failure: 'GUEST_ERROR' };
    };
    await world.send(world.text(chat, 'good'));
    const bad = await world.send(world.text(chat, 'bad'));
    await world.send(world.text(chat, 'after'));
    await settled(2);
    expect(tries).toBe(3);
    await expect.poll(() => world.textsTo(chat)).toEqual(['1:good', 'Etwas ging schief.', '2:after']);
    expect((await world.deadLetters()).find((letter) => letter.subjectId === String(bad))).toMatchObject({ reason: 'guest_error', attempts: 3, botId: BOT, keys: { orderKey: `c${chat}`, kind: 'message' } });
    const told = world.logLines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ updateId }) => updateId === bad);
    expect(told).toMatchObject([{ level: 'warn', name: 'executor', botId: BOT, chat: chatMark(BOT, `c${chat}`), reason: 'guest_error', msg: 'update goes to the dead letter queue' }]);
  });

  it('goes to another pod when that of its bot died', async () => {
    const second = new FakeRuntime(counting);
    await second.start();
    await world.announcePods([{ name: 'pod-1', uid: 'uid-1', address: world.runtime.address }, { name: 'pod-2', uid: 'uid-2', address: second.address }]);
    await world.send(world.text(chat, 'a'));
    await settled(1);
    const [died, other] = second.runs.length > 0 ? [second, world.runtime] : [world.runtime, second];
    const before = other.runs.length;
    died.stop();
    await world.send(world.text(chat, 'b'));
    await settled(2);
    expect(other.runs.length).toBeGreaterThan(before);
    if (died === world.runtime) await world.runtime.start();
    await world.announcePods([{ name: 'pod-1', uid: 'uid-1', address: world.runtime.address }]);
    second.stop();
  });

  it('[P9] keeps its place when its chat has far more than fit into memory', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    world.runtime.guest = async (input) => {
      await held;
      return counting(input);
    };
    for (let n = 1; n <= 300; n++) await world.send(world.text(chat, `m${n}`));
    release();
    await settled(300);
    await expect.poll(() => world.textsTo(chat)).toEqual(Array.from({ length: 300 }, (_, at) => `${at + 1}:m${at + 1}`));
  });

  it('[P9] that another owner settled meanwhile is not settled again', async () => {
    world.runtime.guest = async (input) => {
      const seq = Number(input.env.runId.split(':').at(-1));
      const call = { lane: 'reply' as const, chat: String(chat), method: 'sendMessage', params: { chat_id: chat, text: 'from the other' }, revision: 'test-aaaa', acceptedMs: 0 };
      await world.bucket<ChatRecord>(BUCKETS.chatState).put(`${BOT}.c${chat}_u${chat}`, { v: 1, seq, updateIds: [], state: { n: 5 }, timers: [], outbox: [{ kind: 'call', call }], routeSeq: 1 });
      return counting(input);
    };
    await world.send(world.text(chat, 'contested'));
    await expect.poll(() => world.textsTo(chat)).toEqual(['from the other']);
    world.runtime.guest = counting;
    await world.send(world.text(chat, 'next'));
    await settled(6);
    await expect.poll(() => world.textsTo(chat)).toEqual(['from the other', '6:next']);
  });

  it('counts tries over restarts: the count is stored before the next try', async () => {
    world.runtime.guest = () => ({ failure: 'OVERRUN' });
    await world.send(world.text(chat, 'slow'));
    await expect.poll(async () => (await world.record(`c${chat}_u${chat}`))?.attempt?.count).toBe(2);
    await expect.poll(async () => (await world.record(`c${chat}_u${chat}`))?.attempt).toBeUndefined();
  });

  it('is tried without end, uncounted, while the pods are away or busy', async () => {
    let tries = 0;
    world.runtime.guest = (input) => (++tries < 6 ? { failure: tries % 2 === 0 ? 'HOST_LOST' : 'OVERLOADED' } : counting(input));
    await world.send(world.text(chat, 'patience'));
    await settled(1);
    expect(tries).toBe(6);
    world.runtime.stop();
    await world.send(world.text(chat, 'away'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await world.runtime.start();
    await settled(2);
    expect(await world.deadLetters().then((letters) => letters.filter((letter) => letter.keys?.orderKey === `c${chat}`))).toEqual([]);
  });

  it('[P9] of a press whose chat is busy is answered empty at once', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    world.runtime.guest = async (input) => {
      if (said(input).text === 'long') await held;
      return counting(input);
    };
    await world.send(world.text(chat, 'long'));
    await expect.poll(() => world.runtime.runs.at(-1)?.input.env.runId.includes(`c${chat}_`)).toBe(true);
    await world.send(world.press(chat, `q${chat}`));
    await expect.poll(async () => (await world.outbound()).filter((call) => call.method === 'answerCallbackQuery' && call.chat === String(chat)).length).toBe(1);
    expect(await world.textsTo(chat)).toEqual([]);
    release();
    await settled(2);
    const press = world.runtime.runs.find(({ input }) => input.event.kind === 'update' && said(input).text === `press q${chat}`);
    expect(press?.input.env.answerPress).toBe(false);
  });

  it('[P9] arms timers that come back as updates in the order of the chat', async () => {
    world.runtime.guest = (input) => {
      if (input.event.kind === 'timer') return handled(input, { state: { ...input.state, rang: input.event.nonce }, effects: [say(Number(input.state['chat']), 'ring')] });
      return handled(input, { state: { chat: said(input).chat, n: 1 }, timers: [{ key: 'wait', nonce: 'n-1', atMs: input.env.nowMs + 1_000 }] });
    };
    await world.send(world.text(chat, 'remind me'));
    await expect.poll(() => world.textsTo(chat)).toEqual(['ring']);
    expect(await world.record(`c${chat}_u${chat}`)).toMatchObject({ state: { rang: 'n-1' }, timers: [] });
  });

  it('[P9] disarms a timer that is armed no more', async () => {
    world.runtime.guest = (input) => {
      if (input.event.kind === 'timer') return handled(input, { effects: [say(chat, 'ring')] });
      const isStart = said(input).text === 'start';
      return handled(input, { state: { n: isStart ? 1 : 2 }, timers: isStart ? [{ key: 'wait', nonce: 'n-1', atMs: input.env.nowMs + 1_500 }] : [] });
    };
    await world.send(world.text(chat, 'start'));
    await world.send(world.text(chat, 'stop'));
    await settled(2);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await world.textsTo(chat)).toEqual([]);
  });
});

describe('a route', () => {
  it('that is not there yet is waited for; a suspended bot keeps its updates; a deleted one drops them', async () => {
    const botId = 'default_other';
    await world.publishRevision(botId, 'bbbb');
    const route = { botId, split: [{ revision: 'other-bbbb', weight: 100 }], revisions: { 'other-bbbb': { revHash: 'bbbb', runtime: POOL } } };
    await world.send(world.text(chat, 'early'), { botId });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await world.record(`c${chat}_u${chat}`, botId)).toBeUndefined();
    await world.putRoute({ ...route, routeSeq: 1 });
    await expect.poll(async () => (await world.record(`c${chat}_u${chat}`, botId))?.state['n']).toBe(1);

    await world.putRoute({ ...route, routeSeq: 2, state: 'Suspended' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await world.send(world.text(chat, 'kept'), { botId });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await world.record(`c${chat}_u${chat}`, botId))?.state['n']).toBe(1);
    await world.putRoute({ ...route, routeSeq: 3 });
    await expect.poll(async () => (await world.record(`c${chat}_u${chat}`, botId))?.state['n']).toBe(2);

    await world.putRoute({ ...route, routeSeq: 4, state: 'Deleted' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await world.send(world.text(chat, 'dropped'), { botId });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await world.record(`c${chat}_u${chat}`, botId))?.state['n']).toBe(2);
  });

  it('[P7] a running conversation stays on its revision; what starts anew goes to the routed one; a dropped revision moves it', async () => {
    await world.publishRevision(BOT, 'cccc');
    const both = { 'test-aaaa': { revHash: 'aaaa', runtime: POOL }, 'test-cccc': { revHash: 'cccc', runtime: POOL } };
    world.runtime.guest = (input, revHash) => {
      const { text } = said(input);
      if (text !== 'start' && input.env.conversation === 'elsewhere') return handled(input, { redirect: 'conversation' });
      const conversation = text === 'end' ? undefined : { revision: text === 'start' || input.env.conversation === 'moved' ? input.env.revision : (input.state.conversation?.revision ?? input.env.revision) };
      return handled(input, { state: { n: Number(input.state['n'] ?? 0) + 1, ...(conversation === undefined ? {} : { conversation }) }, effects: [say(chat, `${revHash} ${input.env.conversation} ${input.env.routed} ${text}`)] });
    };
    const sendAndWait = async (text: string, n: number): Promise<void> => {
      await world.send(world.text(chat, text));
      await settled(n);
    };
    await sendAndWait('start', 1);
    await world.putRoute({ routeSeq: 2, split: [{ revision: 'test-cccc', weight: 100 }], revisions: both });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await sendAndWait('input', 2);
    await sendAndWait('start', 3);
    await world.putRoute({ routeSeq: 3 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await sendAndWait('input', 4);
    await expect.poll(() => world.textsTo(chat)).toEqual(['aaaa own true start', 'aaaa own false input', 'cccc elsewhere true start', 'aaaa moved true input']);
  });
});
