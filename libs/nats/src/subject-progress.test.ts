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
    expect([2, 3, 8, 9].map((floor) => progress.countTo(floor))).toEqual([0, 1, 3, 4]);
    progress.purgedTo(3);
    expect([progress.settledCount, progress.countTo(9)]).toEqual([2, 3]);
    progress.settled('updates.1.bot0', 4);
    expect(progress.floor(9)).toBe(9);
    progress.purgedTo(9);
    expect(progress.settledCount).toBe(0);
  });

  it('leaves small amounts to the purge of the partition', () => {
    const progress = new SubjectProgress();
    progress.accepted('updates.1.calm', 5);
    progress.settled('updates.1.calm', 5);
    expect(progress.takePurges()).toEqual([]);
    progress.purgedTo(5);
  });
});
