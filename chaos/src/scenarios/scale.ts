import { STALL_MS_MAX, TAKEOVER_MS_MAX } from '../limits.ts';
import type { Run } from '../run.ts';
import { OWNED, isShared, ownedBy } from './owners.ts';
import type { Owning } from './owners.ts';
import type { Scenario } from './scenario.ts';

const STAGES = [{ count: 1, until: 1 / 3 }, { count: 3, until: 2 / 3 }, { count: 1, until: 1 }] as const;
/** Share of the load that people may write while processes come and go. */
const MEANWHILE = 0.15;

/** Executors and deliveries go from one to three and back under load, gracefully: nothing may come twice, not even once, and at each step the partitions are shared among those that are there. */
export const scale131 = (): Scenario => ({
  prepare: async (world) => {
    await Promise.all([world.scale('executor', 1), world.scale('delivery', 1), world.scale('runtime', 1)]);
  },
  disturb: async (run) => {
    for (const { count, until } of STAGES) {
      await scaleTo(run, count);
      run.feeder.allow(Math.round(run.plan.updates * (until + MEANWHILE)));
      await run.untilInjected(Math.round(run.plan.updates * until), STALL_MS_MAX);
    }
  },
});

async function scaleTo(run: Run, count: number): Promise<void> {
  const startMs = Date.now();
  run.print(`scaling executor and delivery to ${count}; ${run.checker.outstanding} updates under way`);
  await Promise.all([run.world.scale('executor', count), run.world.scale('delivery', count)]);
  run.print(`ready after ${((Date.now() - startMs) / 1_000).toFixed(1)} s`);
  await Promise.all([untilShared(run, 'executor'), untilShared(run, 'delivery')]);
}

/** Each process owns at most its share, and all of them together everything: at the record of ownership, which no process keeps for another. */
async function untilShared(run: Run, kind: Owning): Promise<void> {
  const { world } = run;
  const look = (): Promise<number[]> => ownedBy(world, kind, world[kind]);
  const isDone = await run.until(async () => isShared(await look(), OWNED[kind].partitions), TAKEOVER_MS_MAX);
  const owned = (await look()).map((count, index) => `${world[kind][index]?.name} ${count}`).join(', ');
  run.print(`partitions of ${OWNED[kind].stream}: ${owned}`);
  if (!isDone) run.problems.push(`${OWNED[kind].partitions} partitions of ${OWNED[kind].stream} are not shared after ${TAKEOVER_MS_MAX / 1_000} s: ${owned}`);
}
