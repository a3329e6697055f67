import { describe, expect, it } from 'vitest';
import { Strikes } from './strikes.ts';

describe('Strikes', () => {
  it('is out with the third strike in the window, and in again when the first ones are old', () => {
    const strikes = new Strikes(10_000, 3);
    strikes.add('a', 0);
    strikes.add('a', 4_000);
    expect(strikes.isOut('a', 4_000)).toBe(false);
    strikes.add('a', 9_000);
    expect(strikes.isOut('a', 9_999)).toBe(true);
    expect(strikes.isOut('a', 10_000)).toBe(false);
    expect(strikes.isOut('b', 9_999)).toBe(false);
  });

  it('forgets', () => {
    const strikes = new Strikes(10_000, 1);
    strikes.add('a', 0);
    strikes.forget('a');
    expect(strikes.isOut('a', 1)).toBe(false);
  });
});
