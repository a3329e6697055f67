import { startNats, whileDown } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TooLargeError, TypedBucket, UnavailableError, WatchedBucket, ensureTopology, openNats } from '../src/index.ts';
import type { KeyChange, Nats } from '../src/index.ts';

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

describe('TypedBucket', () => {
  it('commits by compare-and-set', async () => {
    const bucket = new TypedBucket<{ n: number }>(nats.jsm, 'sent');
    const first = await bucket.create('default_bot.c1', { n: 1 });
    expect(await bucket.create('default_bot.c1', { n: 9 })).toBe('conflict');
    const second = await bucket.update('default_bot.c1', { n: 2 }, first as number);
    expect(await bucket.update('default_bot.c1', { n: 9 }, first as number)).toBe('conflict');
    expect(await bucket.get('default_bot.c1')).toEqual({ value: { n: 2 }, revision: second });
  });

  it('creates a key again that was deleted', async () => {
    const bucket = new TypedBucket<string>(nats.jsm, 'sent');
    const revision = await bucket.put('default_bot.c2', 'a');
    expect(await bucket.delete('default_bot.c2', revision + 1)).toBe('conflict');
    expect(await bucket.delete('default_bot.c2')).toBe('deleted');
    expect(await bucket.get('default_bot.c2')).toBeUndefined();
    expect(await bucket.create('default_bot.c2', 'b')).toBeTypeOf('number');
  });

  it('asks the leader alone for the newest value', async () => {
    const bucket = new TypedBucket<string>(nats.jsm, 'sent');
    const revision = await bucket.put('default_bot.c5', 'a');
    await bucket.put('default_bot.c6', 'a');
    await bucket.delete('default_bot.c6');
    await nats.jsm.streams.update(bucket.stream, { allow_direct: false }); // No replica may answer by itself now.
    try {
      await expect(bucket.get('default_bot.c5')).rejects.toBeInstanceOf(UnavailableError);
      expect(await bucket.getNewest('default_bot.c5')).toEqual({ value: 'a', revision });
      expect([await bucket.getNewest('default_bot.c6'), await bucket.getNewest('default_bot.none')]).toEqual([undefined, undefined]);
    } finally {
      await nats.jsm.streams.update(bucket.stream, { allow_direct: true });
    }
  });

  it('lets a key disappear after its time', async () => {
    const bucket = new TypedBucket<string>(nats.jsm, 'chat-state');
    await bucket.create('default_bot.c3', 'a', { ttlMs: 1_000 });
    await expect.poll(() => bucket.get('default_bot.c3')).toBeUndefined();
    expect(await bucket.create('default_bot.c3', 'b')).toBeTypeOf('number');
  });

  it('says that a value never fits', async () => {
    const bucket = new TypedBucket<string>(nats.jsm, 'sent');
    await expect(bucket.put('default_bot.c4', 'x'.repeat(1_100_000))).rejects.toBeInstanceOf(TooLargeError);
  });

  it('refuses keys that are none', async () => {
    const bucket = new TypedBucket<string>(nats.jsm, 'sent');
    for (const key of ['', 'a.*', 'a..b', '.a', 'a b', '>']) await expect(bucket.get(key)).rejects.toThrow('is no KV key');
  });
});

describe('WatchedBucket', () => {
  it('mirrors what is there and what comes', async () => {
    const bucket = new TypedBucket<string>(nats.jsm, 'routes');
    await bucket.put('default_a', '1');
    const changes: KeyChange<string>[] = [];
    const mirror = new WatchedBucket(bucket, { onChange: (change) => changes.push(change) });
    await mirror.ready;
    expect(mirror.get('default_a')?.value).toBe('1');
    await bucket.put('default_a', '2');
    await expect.poll(() => mirror.get('default_a')?.value).toBe('2');
    await bucket.delete('default_a');
    await expect.poll(() => mirror.get('default_a')).toBeUndefined();
    expect(changes.map((change) => change.entry?.value)).toEqual(['1', '2', undefined]);
    expect(mirror.ageMs()).toBeLessThan(10_000);
    await mirror.close();
  });

  it('is ready at once when the bucket is empty', async () => {
    const mirror = new WatchedBucket(new TypedBucket<string>(nats.jsm, 'tokens'));
    await mirror.ready;
    expect([...mirror.keys()]).toEqual([]);
    await mirror.close();
  });

  it('catches up after the server was killed and came back', async () => {
    const bucket = new TypedBucket<string>(nats.jsm, 'runtimes');
    await bucket.put('default_pool', 'before');
    const mirror = new WatchedBucket(bucket);
    await mirror.ready;
    await whileDown(server, async () => {
      await expect(bucket.put('default_pool', 'away', { timeoutMs: 300 })).rejects.toBeInstanceOf(UnavailableError);
    });
    await expect.poll(() => bucket.put('default_pool', 'after').catch(() => 0)).toBeGreaterThan(0);
    await expect.poll(() => mirror.get('default_pool')?.value, { timeout: 25_000 }).toBe('after');
    await mirror.close();
  });
});
