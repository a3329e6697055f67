import type { ArmedTimer } from '@botplane/contracts';

/** What to tell the timer store so that `after` is armed and nothing else. */
export function timerChanges(before: readonly ArmedTimer[], after: readonly ArmedTimer[]): { arm: ArmedTimer[]; disarm: ArmedTimer[] } {
  const isSame = (a: ArmedTimer, b: ArmedTimer): boolean => a.key === b.key && a.nonce === b.nonce && a.atMs === b.atMs;
  return {
    arm: after.filter((timer) => !before.some((old) => isSame(old, timer))),
    // A timer that is armed again replaces the old one by itself.
    disarm: before.filter((old) => !after.some((timer) => timer.key === old.key)),
  };
}
