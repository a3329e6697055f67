import { BUCKETS, STREAMS } from '@botplane/contracts';
import { startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JetPublisher, StreamFullError, TypedBucket, ensureTopology, openNats } from '../src/index.ts';
import type { Nats } from '../src/index.ts';

let server: TestNats;
let nats: Nats;

beforeAll(async () => {
  server = await startNats({ syncAlways: true });
  nats = await openNats({ url: server.url, name: 'test' });
});
afterAll(async () => {
  await nats.connection.close();
  await server.stop();
});

describe('ensureTopology', () => {
  it('makes everything when several services start at once, and changes nothing the second time', async () => {
    await Promise.all([1, 2, 3, 4].map(() => ensureTopology(nats.jsm)));
    const updates = await nats.jsm.streams.info(STREAMS.updates);
    expect(updates.config).toMatchObject({ retention: 'limits', discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 1000, max_age: 0 });
    expect((await nats.jsm.streams.info(STREAMS.timers)).config.allow_msg_schedules).toBe(true);
    expect((await nats.jsm.streams.info(`KV_${BUCKETS.calls}`)).config.max_age).toBe(3600e9);
    await ensureTopology(nats.jsm);
    expect((await nats.jsm.streams.info(STREAMS.updates)).created).toBe(updates.created);
  });

  it('brings a stream of an older version up to date', async () => {
    await nats.jsm.streams.update(STREAMS.events, { max_bytes: 1_000_000 });
    await ensureTopology(nats.jsm);
    expect((await nats.jsm.streams.info(STREAMS.events)).config.max_bytes).toBe(1024 ** 3 / 4);
  });

  it('refuses an install that was made with another number of partitions', async () => {
    const meta = new TypedBucket<number>(nats.jsm, BUCKETS.meta);
    await meta.put('partitions', 32);
    await expect(ensureTopology(nats.jsm)).rejects.toThrow('this install has 32 partitions');
    await meta.put('partitions', 64);
  });
});

describe('JetPublisher', () => {
  it('says that a stream is full, for the flooding bot only', async () => {
    const publisher = new JetPublisher(nats.js);
    const flood = Array.from({ length: 1_000 }, (_, n) => publisher.publish('updates.3.default_flood', 'x', { msgId: `flood:${n}` }));
    await Promise.all(flood);
    await expect(publisher.publish('updates.3.default_flood', 'x', { msgId: 'flood:1000' })).rejects.toBeInstanceOf(StreamFullError);
    expect((await publisher.publish('updates.3.default_calm', 'x', { msgId: 'calm:1' })).duplicate).toBe(false);
  });

  it('stores a message once that is published twice under one id', async () => {
    const publisher = new JetPublisher(nats.js);
    const first = await publisher.publish('updates.4.default_twice', 'x', { msgId: 'twice:1' });
    const second = await publisher.publish('updates.4.default_twice', 'x', { msgId: 'twice:1' });
    expect([second.seq, second.duplicate]).toEqual([first.seq, true]);
  });
});
