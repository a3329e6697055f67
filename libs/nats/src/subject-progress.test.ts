import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { SubjectProgress } from './subject-progress.ts';

describe('SubjectProgress', () => {
  it('purges a busy subject behind another that is stuck, never what is not settled', () => {
    const progress = new SubjectProgress();
    progress.accepted('updates.1.stuck', 1);
    const last = LIMITS.subjectPurgeMessages + 10;
    for (let seq = 2; seq <= last; seq++) progress.accepted('updates.1.busy', seq);
    for (let seq = 2; seq <= last; seq++) if (seq !== last - 3) progress.settled('updates.1.busy', seq);
    expect(progress.takePurges()).toEqual([{ subject: 'updates.1.busy', below: last - 3 }]);
    expect(progress.takePurges()).toEqual([]);
  });

  it('knows up to where all is settled, whatever the order in which it was', () => {
    const progress = new SubjectProgress();
    for (const seq of [3, 4, 7, 9]) progress.accepted(`updates.1.bot${seq % 2}`, seq);
    expect(progress.floor(9)).toBe(2);
    for (const seq of [9, 3, 7]) progress.settled('updates.1.bot1', seq);
    expect([progress.floor(9), progress.settledCount]).toEqual([3, 3]);
    progress.settled('updates.1.bot0', 4);
    expect(progress.floor(9)).toBe(9);
  });

  it('knows whether a purge would remove enough: what is settled above the floor, or purged already, does not count', () => {
    const progress = new SubjectProgress();
    for (const seq of [1, 2, 3, 4]) progress.accepted('updates.1.bot', seq);
    for (const seq of [4, 2, 1]) progress.settled('updates.1.bot', seq);
    expect(progress.floor(4)).toBe(2);
    expect([progress.isWorthPurge(2, 2), progress.isWorthPurge(2, 3)]).toEqual([true, false]);
    progress.purgedTo(2);
    expect(progress.isWorthPurge(2, 1)).toBe(false);
    progress.settled('updates.1.bot', 3);
    expect(progress.isWorthPurge(4, 2)).toBe(true);

    for (let seq = 10; seq < 10 + LIMITS.subjectPurgeMessages; seq++) {
      progress.accepted('updates.1.busy', seq);
      progress.settled('updates.1.busy', seq);
    }
    progress.takePurges();
    expect([progress.isWorthPurge(1_000_000, 2), progress.isWorthPurge(1_000_000, 3)]).toEqual([true, false]);
  });

  it('leaves small amounts to the purge of the partition', () => {
    const progress = new SubjectProgress();
    progress.accepted('updates.1.calm', 5);
    progress.settled('updates.1.calm', 5);
    expect(progress.takePurges()).toEqual([]);
    progress.purgedTo(5);
  });
});
