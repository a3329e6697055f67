import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import type { World } from '../world/world.ts';
import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';

interface KillOptions {
  prepare: (world: World) => Promise<void>;
  victims: (world: World) => readonly ServiceProcess[];
  /** Metric of unsettled work. */
  gauge: string;
  /** True when the victim talks to Telegram: what it had under way may come twice. */
  isSender: boolean;
}

/** kill -9 of one process after the other; the supervisor starts it again. */
function killing({ prepare, victims, gauge, isSender }: KillOptions): Scenario {
  return {
    prepare,
    disturb: (run) => inRounds(run, run.plan.kills, async () => {
      const victim = await run.killBusy(victims(run.world), gauge);
      if (victim === undefined) return;
      if (isSender) run.crashes.push({ atMs: Date.now() });
      await victim.untilReady();
    }),
    judge: needKills,
  };
}

/** A kill counts only if its victim had unsettled work. */
export function needKills(run: Run): void {
  if (run.kills < run.plan.kills) run.problems.push(`${run.kills} kills hit unsettled work where ${run.plan.kills} were due`);
}

/** Two of each that shares work, so that there is somebody to take over. */
export async function pairs(world: World): Promise<void> {
  await Promise.all([world.scale('executor', 2), world.scale('delivery', 2), world.scale('runtime', 1)]);
}

export const killExecutor = (): Scenario => killing({ prepare: pairs, victims: (world) => world.executor, gauge: 'botplane_executor_running_updates', isSender: false });
