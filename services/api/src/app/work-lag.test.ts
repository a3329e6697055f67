import { expect, it } from 'vitest';
import { LAG_CACHE_MS, LAG_MEAN_MS } from '../limits.ts';
import { WorkLag } from './work-lag.ts';

function watched(...seen: readonly (number | Error)[]): { lag: WorkLag; pass: (ms: number) => void } {
  const left = [...seen];
  let nowMs = 1_000_000;
  const read = async (): Promise<{ updates: number; outbound: number }> => {
    const next = left.shift();
    if (typeof next !== 'number') throw next ?? new Error('asked too often');
    return { updates: next, outbound: 0 };
  };
  return { lag: new WorkLag({ read }, { nowMs: () => nowMs }), pass: (ms) => void (nowMs += ms) };
}

it('[C3] a moment at which nothing waits does not look like the end of a rush', async () => {
  const { lag, pass } = watched(300, 301, 0);
  await lag.read();
  pass(LAG_CACHE_MS);
  await lag.read();
  pass(LAG_CACHE_MS);
  expect(await lag.readRecent()).toEqual({ updates: 0, outbound: 0, mean: { updates: 201, outbound: 0 } });
});

it('forgets what was long ago, and asks at most once per second', async () => {
  const { lag, pass } = watched(300, 4);
  await Promise.all([lag.readRecent(), lag.readRecent()]);
  pass(LAG_MEAN_MS);
  expect(await lag.readRecent()).toEqual({ updates: 4, outbound: 0, mean: { updates: 4, outbound: 0 } });
});

it('tells nothing old when the broker does not answer', async () => {
  const { lag, pass } = watched(300, new Error('away'));
  await lag.read();
  pass(LAG_CACHE_MS);
  await expect(lag.readRecent()).rejects.toThrow('away');
});
