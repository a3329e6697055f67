import { describe, expect, it } from 'vitest';
import { BACKLOG_STRAYS_MAX } from '../limits.ts';
import { BacklogProgress } from './backlog-progress.ts';

describe('BacklogProgress', () => {
  it('removes up to the first call that waits, and each floor once', () => {
    const progress = new BacklogProgress();
    for (const seq of [4, 7, 9]) progress.read(seq);
    progress.settled(7);
    expect([progress.takeFloor(), progress.takeFloor(), progress.openCount, progress.next]).toEqual([4, undefined, 2, 10]);
    progress.settled(4);
    expect(progress.takeFloor()).toBe(9);
    progress.settled(9);
    expect([progress.takeFloor(), progress.openCount]).toEqual([10, 0]);
  });

  it('removes nothing where nothing was read', () => {
    expect(new BacklogProgress().takeFloor()).toBeUndefined();
  });

  it('takes settled calls away one by one when too many lie behind one that waits', () => {
    const progress = new BacklogProgress();
    for (let seq = 1; seq <= BACKLOG_STRAYS_MAX + 2; seq += 1) progress.read(seq);
    for (let seq = 2; seq <= BACKLOG_STRAYS_MAX + 1; seq += 1) progress.settled(seq);
    expect(progress.takeStrays()).toEqual([]);
    progress.settled(BACKLOG_STRAYS_MAX + 2);
    expect(progress.takeStrays()).toHaveLength(BACKLOG_STRAYS_MAX + 1);
    expect(progress.takeStrays()).toEqual([]);
  });
});
