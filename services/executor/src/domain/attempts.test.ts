import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { attemptMs, backoffMs } from './attempts.ts';

describe('attempts of an API call', () => {
  it('last as long as the bot says at least, and up to a tenth more, so that calls that hang together are not given up together', () => {
    expect(attemptMs(2_000, 0)).toBe(2_000);
    expect(attemptMs(2_000, 0.5)).toBe(2_100);
    expect(attemptMs(2_000, 1)).toBe(2_200);
  });

  it('last no longer than the language allows, whatever the bot says', () => {
    expect(attemptMs(60_000, 0)).toBe(5_000);
    expect(attemptMs(0, 0)).toBe(1);
    expect(attemptMs(60_000, 1)).toBeLessThan(LIMITS.apiAttemptMsMax); // Else a connection gives up first.
  });

  it('come after pauses that double up to a bound', () => {
    expect([1, 2, 3].map((attempt) => backoffMs(200, attempt, 0))).toEqual([200, 400, 800]);
    expect(backoffMs(200, 1, 1)).toBe(220);
    expect(backoffMs(9_000, 3, 0)).toBe(10_000);
  });
});
