import { describe, expect, it } from 'vitest';
import { RolloutClocks } from './rollout-clock.ts';

const look = { rollout: 'b-2/', isPaused: false, obstacle: undefined };
const stuck = { ...look, obstacle: 'NoCapacity' };

describe('[P7] the clock of a rollout', () => {
  it('counts from the first look at an obstacle until it is gone', () => {
    const clocks = new RolloutClocks();
    expect(clocks.look('bot', look, 1)).toEqual({ standstill: undefined, resumedMs: 1 });
    expect(clocks.look('bot', stuck, 2).standstill).toEqual({ sinceMs: 2, message: 'NoCapacity' });
    expect(clocks.look('bot', { ...stuck, obstacle: 'SecretMissing' }, 3).standstill).toEqual({ sinceMs: 2, message: 'SecretMissing' });
    expect(clocks.look('other', stuck, 4).standstill?.sinceMs).toBe(4);
    clocks.look('bot', look, 5);
    expect(clocks.look('bot', stuck, 6).standstill?.sinceMs).toBe(6);
  });

  it('begins anew for another revision, after retry, and after a pause, which it remembers', () => {
    const clocks = new RolloutClocks();
    clocks.look('bot', stuck, 1);
    expect(clocks.look('bot', { ...stuck, rollout: 'b-2/again' }, 2).standstill?.sinceMs).toBe(2);
    expect(clocks.look('bot', { ...stuck, rollout: 'b-2/again', isPaused: true }, 3)).toEqual({ standstill: undefined, resumedMs: 2 });
    expect(clocks.look('bot', { ...stuck, rollout: 'b-2/again' }, 4)).toMatchObject({ standstill: { sinceMs: 4 }, resumedMs: 4 });
    expect(clocks.look('bot', { ...stuck, rollout: 'b-2/again' }, 5).resumedMs).toBe(4);
  });

  it('forgets a Bot that is gone', () => {
    const clocks = new RolloutClocks();
    clocks.look('bot', stuck, 1);
    clocks.forget('bot');
    expect(clocks.look('bot', stuck, 2).standstill?.sinceMs).toBe(2);
  });
});
