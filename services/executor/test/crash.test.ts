import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUCKETS } from '@botplane/contracts';
import type { ChatRecord, GuestInput } from '@botplane/contracts';
import { ExecutorProcess, bundleExecutor } from './support/executor-process.ts';
import type { Guest } from './support/fake-runtime.ts';
import { counting, handled, say } from './support/guests.ts';
import { World } from './support/world.ts';

let world: World;
const processes: ExecutorProcess[] = [];

function launch(more: { [name: string]: string } = {}): ExecutorProcess {
  const executor = new ExecutorProcess(world.env(more));
  executor.start();
  processes.push(executor);
  return executor;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const lastRecord = (chat: number): Promise<ChatRecord | undefined> => world.record(`c${chat}_u${chat}`);

beforeAll(async () => {
  await bundleExecutor();
});
beforeEach(async () => {
  world = await World.start(counting);
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((executor) => executor.end()));
  await world.stop();
});

describe('an executor that is killed', () => {
  it('[P9] loses nothing, doubles nothing and keeps the order, over many kills and a broker that was killed too', async () => {
    const chats = 12;
    const perChat = 40;
    let executor = launch();
    const feeding = (async () => {
      for (let n = 1; n <= perChat; n++) {
        for (let chat = 1; chat <= chats; chat++) {
          while (!(await world.send(world.text(chat, `m${n}`), { updateId: chat * 1_000 + n }).then(() => true, () => false))) await pause(200);
        }
        await pause(150);
      }
    })();
    for (let kill = 0; kill < 4; kill++) {
      await pause(kill === 0 ? 2_500 : 4_500);
      await executor.end();
      if (kill === 2) {
        await world.broker.kill();
        await world.broker.restart();
      }
      executor = launch();
    }
    await feeding;
    const expected = Array.from({ length: perChat }, (_, at) => `${at + 1}:m${at + 1}`);
    for (let chat = 1; chat <= chats; chat++) {
      await expect.poll(async () => Number((await lastRecord(chat))?.state['n'] ?? 0), { timeout: 60_000 }).toBe(perChat);
    }
    await pause(1_000);
    const outbound = await world.outbound();
    for (let chat = 1; chat <= chats; chat++) {
      expect(outbound.filter((call) => call.chat === String(chat)).map((call) => call.params['text'])).toEqual(expected);
    }
    expect(await world.deadLetters()).toEqual([]);
  }, 180_000);

  it('[P9] takes its partitions again', async () => {
    const first = launch();
    await world.send(world.text(1, 'before'));
    await expect.poll(() => world.textsTo(1)).toEqual(['1:before']);
    await first.end();
    launch();
    await world.send(world.text(1, 'after'));
    await expect.poll(() => world.textsTo(1)).toEqual(['1:before', '2:after']);
  });

  it('[P9] between commit and outbox publishes the outbox afterwards, and runs nothing twice', async () => {
    // What such a crash leaves behind: the record names the message's sequence, the message is still there, the outbox is not out.
    await world.send(world.text(5, 'half done'), { updateId: 77 });
    const { state } = await world.nats.jsm.streams.info('UPDATES');
    const record: ChatRecord = {
      v: 1, seq: state.last_seq, updateIds: [77], state: { n: 1 }, timers: [{ key: 'wait', nonce: 'n-5', atMs: Date.now() + 500 }], routeSeq: 1,
      outbox: [{ kind: 'call', call: { lane: 'reply', chat: '5', method: 'sendMessage', params: { chat_id: 5, text: 'from the outbox' }, revision: 'test-aaaa', acceptedMs: Date.now() } }],
    };
    await world.bucket<ChatRecord>(BUCKETS.chatState).put('default_test.c5_u5', record);
    launch();
    await expect.poll(() => world.textsTo(5)).toEqual(['from the outbox']);
    await expect.poll(() => world.runtime.runs.filter(({ input }) => input.event.kind === 'timer').length).toBe(1);
    expect(world.runtime.runs.filter(({ input }) => input.event.kind === 'update')).toEqual([]);
  });

  it('ends on SIGTERM with 0 after it finished what runs, and leaves what waits to the next', async () => {
    world.runtime.guest = async (input) => {
      await pause(1_000);
      return counting(input);
    };
    const executor = launch();
    for (let n = 1; n <= 3; n++) await world.send(world.text(9, `m${n}`));
    await expect.poll(() => world.runtime.runs.length).toBe(1);
    expect(await executor.end('SIGTERM')).toBe(0);
    expect(await world.textsTo(9)).toEqual(['1:m1']);
    launch();
    await expect.poll(() => world.textsTo(9)).toEqual(['1:m1', '2:m2', '3:m3']);
    expect(world.runtime.runs).toHaveLength(3);
  });

  it('[P9] was only frozen: two owners at once neither double nor reorder', async () => {
    const frozen = launch();
    for (let n = 1; n <= 5; n++) await world.send(world.text(3, `m${n}`));
    await expect.poll(() => world.textsTo(3)).toHaveLength(5);
    frozen.signal('SIGSTOP');
    for (let n = 6; n <= 15; n++) await world.send(world.text(3, `m${n}`));
    launch();
    await expect.poll(() => world.textsTo(3)).toHaveLength(15);
    frozen.signal('SIGCONT');
    for (let n = 16; n <= 25; n++) await world.send(world.text(3, `m${n}`));
    await expect.poll(async () => (await lastRecord(3))?.state['n']).toBe(25);
    await pause(500);
    await expect.poll(() => world.textsTo(3)).toEqual(Array.from({ length: 25 }, (_, at) => `${at + 1}:m${at + 1}`));
  });
});

describe('an executor that crashes at a failpoint', () => {
  const chat = 5;
  const TIMER = { key: 'wait', nonce: 'n-1', atMs: Date.now() };
  /** What the API was asked, by method. */
  let asked: string[] = [];
  let fails = 0;
  let api: Server;
  let to: string;

  beforeAll(async () => {
    api = createServer(({ method = '' }, response) => {
      asked.push(method);
      response.end(JSON.stringify({ times: asked.length }));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    to = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
    fails = 0;
  });
  afterAll(() => {
    api.closeAllConnections();
    api.close();
  });

  /** Fails once, asks an API, arms a timer, and says two things; the timer says a third. */
  function busy(input: GuestInput): ReturnType<Guest> {
    if (input.event.kind === 'timer') return handled(input, { effects: [say(chat, 'timer')] });
    if (fails++ === 0) return { failure: 'GUEST_ERROR' };
    const call = { stepPath: 'flows.a.steps[0]', visit: 1, method: 'POST' as const, url: 'https://api.example/', headers: {}, timeoutMs: 10_000, retries: 0, backoffMs: 10 };
    if (input.resume === undefined) return handled(input, { request: { call, continuation: null } });
    const { result } = input.resume;
    return handled(input, { state: { n: 1 }, timers: [TIMER], effects: [say(chat, result.ok ? JSON.stringify(result.body) : result.code), say(chat, 'second')] });
  }

  it.each(['after-call-kept', 'after-failed-try', 'after-timers', 'between-entries'])('[P9] %s is brought to the same end by the next one', async (point) => {
    world.runtime.guest = busy;
    const routes = { BOTPLANE_EGRESS_ROUTES: JSON.stringify([{ host: 'api.example', to }]) };
    const victim = launch({ ...routes, BOTPLANE_FAILPOINTS: `${point}:1` });
    await world.send(world.text(chat, 'go'));
    await victim.ended();
    launch(routes);
    await expect.poll(async () => (await world.textsTo(chat)).toSorted()).toEqual(['second', 'timer', '{"times":1}']);
    expect((await world.textsTo(chat)).filter((text) => text !== 'timer')).toEqual(['{"times":1}', 'second']);
    expect(asked).toEqual(['POST']);
    expect(await world.deadLetters()).toEqual([]);
  });
});
