import { randomUUID } from 'node:crypto';
import { STREAMS, subjects } from '@botplane/contracts';
import { UPDATE_PARTITIONS } from '@botplane/domain';
import { Claims } from '@botplane/nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApi } from './setup.ts';
import type { TestApi } from './setup.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());

const lag = async (): Promise<unknown> => {
  const { updates, outbound } = (await api.call('GET', '/lag', { key: null })).body as { updates: number; outbound: number };
  return { updates, outbound };
};

it('[C3] counts what nobody has settled over all partitions, before and while somebody owns them', async () => {
  expect(await lag()).toEqual({ updates: 0, outbound: 0 });
  for (const partition of [0, 1, 1, 63, 63]) await api.nats.js.publish(subjects.update(partition, 'shop_coffee'), '{}');
  await expect.poll(lag).toEqual({ updates: 5, outbound: 0 });

  const settles: (() => void)[] = [];
  const claims = new Claims({
    nats: api.nats, stream: STREAMS.updates, partitions: UPDATE_PARTITIONS, member: `test-${randomUUID()}`, filters: (partition) => [subjects.updatesOf(partition)],
    work: () => ({ read: () => ({ lane: '', item: undefined }), accept: (_item, settle) => void settles.push(settle), idle: async () => undefined, drop: () => undefined }),
  });
  claims.start();
  try {
    await expect.poll(() => settles.length).toBe(5);
    expect(claims.ownedCount).toBe(UPDATE_PARTITIONS);
    await expect.poll(lag).toEqual({ updates: 5, outbound: 0 });
    for (const settle of settles.splice(0, 3)) settle();
    await expect.poll(lag).toEqual({ updates: 2, outbound: 0 });
    await expect.poll(async () => (await api.call('GET', '/metrics', { key: null })).body).toContain('botplane_lag{stream="updates"} 2');
    for (const settle of settles) settle();
    await expect.poll(lag).toEqual({ updates: 0, outbound: 0 });
  } finally {
    await claims.stop();
  }
});
