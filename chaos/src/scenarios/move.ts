import { BUCKETS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import { POOL } from '../world/world.ts';
import { GAUGES, pairs } from './kills.ts';
import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** Pods of one revision only, as the operator names them. */
const DEDICATED = 'botplane_Dedicated.bot-00000000';
/** Moves of a run, also of a short one. */
const MOVES_MIN = 4;

/**
 * All bots move from a pool to pods of their own and back, as a flip of the operator does it: the next route names the other pods. The pods that
 * they left are withdrawn right after it, and those that they go to have never loaded their code.
 */
export const movePools = (): Scenario => ({
  prepare: async (world) => {
    await pairs(world);
    await world.scale('runtime', 2);
  },
  disturb: async (run) => {
    const [pooled, dedicated] = run.world.runtime;
    if (!pooled || !dedicated) throw new Error('two runtime pods are needed');
    const moves = Math.max(MOVES_MIN, run.plan.kills);
    await inRounds(run, moves, async (round) => {
      const [to, from] = round % 2 === 0 ? [DEDICATED, POOL] : [POOL, DEDICATED];
      const busy = await run.pickBusy(run.world.executor, GAUGES.executor);
      if (!busy) run.problems.push(`move ${round + 1} met no work under way`);
      run.print(`move ${round + 1}: to ${to}; ${run.checker.outstanding} updates of ${run.checker.waitingChats()} chats under way`);
      await move(run, { to, from, pods: [round % 2 === 0 ? dedicated : pooled] });
    });
    await move(run, { to: POOL, from: DEDICATED, pods: run.world.runtime });
  },
});

async function move(run: Run, { to, from, pods }: { to: string; from: string; pods: readonly ServiceProcess[] }): Promise<void> {
  const routes = new TypedBucket<RouteRecord>(run.world.nats.jsm, BUCKETS.routes);
  await run.world.announce(to, pods);
  for (const { botId } of run.bots) {
    const found = await routes.get(botId);
    if (!found) throw new Error(`${botId} has no route`);
    const revisions = Object.fromEntries(Object.entries(found.value.revisions).map(([name, revision]) => [name, { ...revision, runtime: to }]));
    const written = await routes.update(botId, { ...found.value, routeSeq: found.value.routeSeq + 1, revisions }, found.revision);
    if (written === 'conflict') throw new Error(`the route of ${botId} was written by somebody else`);
  }
  if (from !== to) await run.world.announce(from, []);
}
