import { describe, expect, it } from 'vitest';
import { BotShares } from './bot-shares.ts';

const setup = () => new BotShares({ perSecondMax: 10, burstMax: 3, inFlightMax: 2, botsMax: 2 });

describe('[W1] the share of a bot', () => {
  it('lets a burst pass, then its rate, and leaves other bots alone', () => {
    const shares = setup();
    const burst = [1, 2, 3, 4].map(() => shares.takeRate('a', 0));
    expect(burst).toEqual([true, true, true, false]);
    expect(shares.takeRate('b', 0)).toBe(true);
    expect([shares.takeRate('a', 99), shares.takeRate('a', 100), shares.takeRate('a', 101)]).toEqual([false, true, false]);
    const later = Array.from({ length: 1_000 }, (_none, n) => shares.takeRate('a', 1_000 + n)).filter(Boolean);
    expect(later).toHaveLength(12);
  });

  it('bounds what is under way until it is given back', () => {
    const shares = setup();
    expect([shares.enter('a', 0), shares.enter('a', 0), shares.enter('a', 0), shares.enter('b', 0)]).toEqual([true, true, false, true]);
    shares.leave('a');
    expect(shares.enter('a', 0)).toBe(true);
  });

  it('forgets bots that are quiet, never one that is not', () => {
    const shares = setup();
    for (let n = 0; n < 3; n += 1) shares.takeRate('loud', 0);
    shares.enter('busy', 0);
    shares.takeRate('third', 1);
    expect(shares.takeRate('loud', 1)).toBe(false);
    expect([shares.enter('busy', 1), shares.enter('busy', 1)]).toEqual([true, false]);
  });
});
