import { STREAMS, subjects } from '@botplane/contracts';
import { startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { JetPublisher, SharedQueue, ensureTopology, openNats } from '../src/index.ts';
import type { Nats, SharedQueueOptions } from '../src/index.ts';

let server: TestNats;
let nats: Nats;
beforeAll(async () => {
  server = await startNats({ syncAlways: true });
  nats = await openNats({ url: server.url, name: 'test' });
  await ensureTopology(nats.jsm);
});
afterAll(async () => {
  await nats.connection.close();
  await server.stop();
});

const patience = { timeout: 60_000 };
const left = async (): Promise<number> => (await nats.jsm.streams.info(STREAMS.urgent)).state.messages;

async function start(work: (text: string) => Promise<void>, more: Partial<SharedQueueOptions> = {}): Promise<SharedQueue> {
  const own = await openNats({ url: server.url, name: 'worker' });
  const queue = new SharedQueue({
    nats: own, stream: STREAMS.urgent, consumer: 'test', filter: subjects.urgentAll, inHandMax: 4, ackPendingMax: 100, ackWaitMs: 1_000, retryMs: 50,
    work: (message) => work(message.string()), onError: () => undefined, ...more,
  });
  queue.start();
  onTestFinished(async () => {
    await queue.stop();
    await own.connection.close();
  });
  return queue;
}

async function publish(count: number, prefix: string): Promise<string[]> {
  const texts = Array.from({ length: count }, (_none, n) => `${prefix}${n}`);
  await Promise.all(texts.map((text) => new JetPublisher(nats.js).publish(subjects.urgent('shop_b'), text, { msgId: text })));
  return texts;
}

describe('[W1] SharedQueue', () => {
  it('is worked on by all who share it, each message once, with a bound on what is in hand', async () => {
    const seen: string[][] = [[], []];
    let [inHand, inHandMost] = [0, 0];
    await Promise.all(seen.map((list) => start(async (text) => {
      inHandMost = Math.max(inHandMost, ++inHand);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inHand -= 1;
      list.push(text);
    })));
    const texts = await publish(60, 'shared-');
    await expect.poll(left, patience).toBe(0);
    expect(seen.flat().toSorted()).toEqual(texts.toSorted());
    expect(seen.every((list) => list.length > 0)).toBe(true);
    expect(inHandMost).toBeLessThanOrEqual(8);
  });

  it('brings back what failed', async () => {
    const tries = new Map<string, number>();
    await publish(3, 'again-');
    await start(async (text) => {
      tries.set(text, (tries.get(text) ?? 0) + 1);
      if (text === 'again-1' && tries.get(text) === 1) throw new Error('not now');
    });
    await expect.poll(left, patience).toBe(0);
    expect(Object.fromEntries(tries)).toEqual({ 'again-0': 1, 'again-1': 2, 'again-2': 1 });
  });

  it('goes on after the server was killed', async () => {
    const seen = new Set<string>();
    await start(async (text) => void seen.add(text));
    await server.kill();
    await server.restart();
    await expect.poll(() => publish(3, 'after-').then(() => true, () => false), patience).toBe(true);
    await expect.poll(() => seen.size, patience).toBe(3);
  });
});
