import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does something `count` times, one after the other, every `everyMs`; returns what each took, ms. What begins late because the one before took
 * longer counts from the time at which it should have begun; the timer's own lateness does not count.
 */
export async function paced(count: number, everyMs: number, act: (n: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  const startedMs = performance.now();
  for (let n = 0; n < count; n++) {
    const lateMs = performance.now() - startedMs - n * everyMs;
    if (lateMs < 0) await sleep(-lateMs);
    times.push(Math.max(0, lateMs) + (await act(n)));
  }
  return times;
}
