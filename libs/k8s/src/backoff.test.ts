import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

const LIMITS = { firstMs: 800, maxMs: 30_000, resetMs: 120_000 };

it('doubles to its limit, with up to as much again as jitter', () => {
  const even = new Backoff(LIMITS, () => 0, () => 0);
  expect([1, 2, 3, 4, 5, 6, 7].map(() => even.nextMs())).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
  const jittered = new Backoff(LIMITS, () => 0, () => 0.5);
  expect([jittered.nextMs(), jittered.nextMs()]).toEqual([1_200, 2_400]);
});

it('starts over after a quiet time', () => {
  let nowMs = 0;
  const backoff = new Backoff(LIMITS, () => nowMs, () => 0);
  backoff.nextMs();
  backoff.nextMs();
  nowMs = 120_001;
  expect(backoff.nextMs()).toBe(800);
});
