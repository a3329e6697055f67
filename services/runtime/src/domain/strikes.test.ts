import { describe, expect, it } from 'vitest';
import { Strikes } from './strikes.ts';

describe('Strikes', () => {
  it('[P9] puts out with the third strike in the window, for as long again', () => {
    const strikes = new Strikes(10_000, 3);
    expect([0, 4_000].map((time) => strikes.add('a', 'slow', time))).toEqual([false, false]);
    expect(strikes.isOut('a', 4_000)).toBe(false);
    expect(strikes.add('a', 'dead', 9_000)).toBe(true);
    expect(strikes.out(18_999)).toEqual([{ key: 'a', cause: 'dead' }]);
    expect(strikes.isOut('a', 19_000)).toBe(false);
    expect(strikes.out(19_000)).toEqual([]);
    expect(strikes.isOut('b', 9_999)).toBe(false);
  });

  it('counts no strike that is older than the window', () => {
    const strikes = new Strikes(10_000, 3);
    expect([0, 6_000, 11_000, 15_999].map((time) => strikes.add('a', 'slow', time))).toEqual([false, false, false, true]);
  });

  it('forgets', () => {
    const strikes = new Strikes(10_000, 1);
    strikes.add('a', 'slow', 0);
    strikes.forget('a');
    expect(strikes.isOut('a', 1)).toBe(false);
  });
});
