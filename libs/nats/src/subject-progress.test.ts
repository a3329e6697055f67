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

  it('leaves small amounts to the purge of the partition', () => {
    const progress = new SubjectProgress();
    progress.accepted('updates.1.calm', 5);
    progress.settled('updates.1.calm', 5);
    expect(progress.takePurges()).toEqual([]);
    progress.purgedTo(5);
  });
});
