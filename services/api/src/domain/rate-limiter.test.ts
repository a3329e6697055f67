import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

describe('RateLimiter', () => {
  it('lets a burst through, then one request per share of the minute', () => {
    const limiter = new RateLimiter({ perMinute: 60, keysMax: 10 });
    for (let n = 0; n < 60; n += 1) expect(limiter.take('a', 0)).toBe(0);
    expect(limiter.take('a', 0)).toBe(1_000);
    expect(limiter.take('a', 400)).toBe(600);
    expect(limiter.take('a', 1_000)).toBe(0);
    expect(limiter.take('a', 1_000)).toBe(1_000);
    expect(limiter.take('b', 1_000)).toBe(0);
  });

  it('gives nothing back when the clock goes backwards', () => {
    const limiter = new RateLimiter({ perMinute: 1, keysMax: 10 });
    expect(limiter.take('a', 1_000)).toBe(0);
    expect(limiter.take('a', 0)).toBeGreaterThan(0);
  });

  it('forgets the key that was quiet for longest', () => {
    const limiter = new RateLimiter({ perMinute: 1, keysMax: 2 });
    for (const key of ['a', 'b', 'c']) expect(limiter.take(key, 0)).toBe(0);
    expect(limiter.take('c', 0)).toBeGreaterThan(0);
    expect(limiter.take('b', 0)).toBeGreaterThan(0);
    expect(limiter.take('a', 0)).toBe(0);
  });
});
