import { describe, expect, it } from 'vitest';
import { Spending } from './spending.ts';

const make = (): Spending => new Spending({ freeMs: 10, burstMs: 60, refillMsPerSecond: 5 });

describe('Spending', () => {
  it('does not count short steps, however many', () => {
    const spending = make();
    expect(Array.from({ length: 10_000 }, () => spending.charge('a', 10, 0)).some(Boolean)).toBe(false);
  });

  it('tells when long steps come too often, and keeps keys apart', () => {
    const spending = make();
    expect([spending.charge('a', 50, 0), spending.charge('b', 50, 0), spending.charge('a', 50, 500)]).toEqual([false, false, true]);
  });

  it('forgives with time', () => {
    const spending = make();
    expect([0, 10_000, 20_000, 30_000].map((nowMs) => spending.charge('a', 50, nowMs))).toEqual([false, false, false, false]);
  });

  it('takes one step for too much that alone exceeds it', () => {
    expect(make().charge('a', 71, 0)).toBe(true);
  });
});
