import { VICTIM_WAIT_MS_MAX } from '../limits.ts';
import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import type { World } from '../world/world.ts';
import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { noteStopped } from './senders.ts';

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
      if (isSender) await noteStopped(run, [victim]);
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

export const GAUGES = {
  executor: 'botplane_executor_updates_in_flight',
  delivery: 'botplane_delivery_calls_in_flight',
  ingress: 'botplane_ingress_updates_in_flight',
  runtime: 'botplane_runtime_calls_in_flight',
} as const;

export const killExecutor = (): Scenario => killing({ prepare: pairs, victims: (world) => world.executor, gauge: GAUGES.executor, isSender: false });
export const killDelivery = (): Scenario => killing({ prepare: pairs, victims: (world) => world.delivery, gauge: GAUGES.delivery, isSender: true });
/** One ingress: meanwhile Telegram keeps the updates and comes again. */
export const killIngress = (): Scenario => killing({ prepare: pairs, victims: (world) => [world.ingress], gauge: GAUGES.ingress, isSender: false });

/** Two pods, of which one dies at a time, with its sandbox hosts. */
export const killRuntime = (): Scenario => killing({
  prepare: async (world) => {
    await pairs(world);
    await world.scale('runtime', 2);
  },
  victims: (world) => world.runtime, gauge: GAUGES.runtime, isSender: false,
});

/** kill -9 of nats-server, started again on the same files. The page cache survives: this proves process crashes only. */
export const killNats = (): Scenario => ({
  prepare: pairs,
  disturb: (run) => inRounds(run, run.plan.kills, async () => {
    const { broker, executor } = run.world;
    const isBusy = await run.until(async () => (await executor[0]?.gauge(GAUGES.executor) ?? 0) + (await executor[1]?.gauge(GAUGES.executor) ?? 0) > 0, VICTIM_WAIT_MS_MAX);
    if (!isBusy) return;
    await broker.kill();
    // Deliveries may have sent what they cannot put on record any more.
    run.crashed(Date.now());
    run.kills++;
    run.print(`kill ${run.kills}: nats-server; ${run.checker.outstanding} updates of ${run.checker.waitingChats()} chats under way`);
    await broker.restart();
  }),
  judge: needKills,
});
