import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { foreignShare, readProcessorTimes } from './processor-time.ts';

const BUSY = 'const end = Date.now() + 600; while (Date.now() < end);';
const CLOCK_TICKS_PER_S = 100;

describe('readProcessorTimes', () => {
  it('counts what a child used as our own, while it runs and after it ended', async () => {
    const before = readProcessorTimes();
    await once(spawn(process.execPath, ['-e', BUSY], { stdio: 'ignore' }), 'exit');
    const after = readProcessorTimes();
    expect((after.own - before.own) / CLOCK_TICKS_PER_S).toBeGreaterThan(0.1);
    expect(after.busy - before.busy).toBeGreaterThan(0);
  });

  it('counts what descends from a further root', () => {
    // Every process descends from the first one, so nothing is left to be foreign.
    const [all, mine] = [readProcessorTimes([1]), readProcessorTimes()];
    expect(all.own).toBeGreaterThan(mine.own);
  });
});

describe('foreignShare', () => {
  it('is what was busy and not ours, of all processors', () => {
    expect(foreignShare({ all: 0, busy: 0, own: 0 }, { all: 200, busy: 100, own: 70 })).toBe(0.15);
    // Both are counted in whole ticks at different places.
    expect(foreignShare({ all: 0, busy: 0, own: 0 }, { all: 200, busy: 100, own: 104 })).toBe(0);
  });
});
