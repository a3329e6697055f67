import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DutyCycle } from './duty-cycle.ts';

const LIMITS = { restFactor: 9, restMsMax: 1_000, waitingMax: 2, waitMsMax: 4_000, runningMax: 2 };

describe('DutyCycle', () => {
  let started: string[];
  let refused: string[];
  let duty: DutyCycle<string>;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    [started, refused] = [[], []];
    duty = new DutyCycle<string>(LIMITS, (item) => started.push(item), (item) => refused.push(item));
  });
  afterEach(() => vi.useRealTimers());

  it('lets a key rest after a turn, in proportion to it, while others go on', () => {
    duty.push('a', 'a1');
    duty.push('a', 'a2');
    vi.advanceTimersByTime(100);
    duty.ended('a', 'a1');
    duty.push('b', 'b1');
    expect(started).toEqual(['a1', 'b1']);
    vi.advanceTimersByTime(899);
    expect(started).toEqual(['a1', 'b1']);
    vi.advanceTimersByTime(1);
    expect(started).toEqual(['a1', 'b1', 'a2']);
  });

  it('bounds the rest', () => {
    duty.push('a', 'a1');
    vi.advanceTimersByTime(600);
    duty.ended('a', 'a1');
    duty.push('a', 'a2');
    vi.advanceTimersByTime(1_000);
    expect(started).toEqual(['a1', 'a2']);
  });

  it('refuses what comes on top, and what waited too long', () => {
    for (const item of ['a1', 'a2', 'a3', 'a4']) duty.push('a', item);
    expect(refused).toEqual(['a4']);
    vi.advanceTimersByTime(4_000);
    expect(refused).toEqual(['a4', 'a2', 'a3']);
    duty.ended('a', 'a1');
    duty.push('a', 'a5');
    vi.advanceTimersByTime(1_000);
    expect(started).toEqual(['a1', 'a5']);
  });

  it('has few turns of all keys at a time, and passes none over', () => {
    for (const key of ['a', 'b', 'c', 'd']) for (const n of [1, 2]) duty.push(key, `${key}${n}`);
    for (let turn = 0; turn < 8; turn++) {
      expect(started.length).toBeLessThanOrEqual(turn + LIMITS.runningMax);
      vi.advanceTimersByTime(300);
      const item = started[turn] ?? '';
      duty.ended(item.charAt(0), item);
    }
    expect(started).toEqual(['a1', 'b1', 'c1', 'd1', 'a2', 'b2', 'c2', 'd2']);
    expect(refused).toEqual([]);
  });

  it('refuses what waits when it is drained', () => {
    for (const item of ['a1', 'a2']) duty.push('a', item);
    duty.drain();
    expect([started, refused]).toEqual([['a1'], ['a2']]);
  });
});
