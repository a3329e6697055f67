import { BUCKETS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import { RouteWitness } from '../check/route-witness.ts';
import { DEPOSED_MS, READY_MS_MAX, STALL_MS_MAX, TAKEOVER_MS_MAX, WAIT_POLL_MS } from '../limits.ts';
import type { Run } from '../run.ts';
import { Operated } from '../world/operated.ts';
import { pairs } from './kills.ts';
import type { Scenario } from './scenario.ts';

interface Scene {
  run: Run;
  operated: Operated;
  routes: TypedBucket<RouteRecord>;
  witness: RouteWitness;
  /** Routes by bot, as they stood before the last edit. */
  old: ReadonlyMap<string, RouteRecord>;
}

type Harm = (scene: Scene) => Promise<void>;

const each = ({ run }: Scene, task: (botId: string) => Promise<unknown>): Promise<unknown> => Promise.all(run.bots.map(({ botId }) => task(botId)));

/** What routes suffer, in turn. A round without an entry here is that of the deposed leader. */
const HARMS: Readonly<Record<string, Harm>> = {
  'all routes are deleted': async (scene) => void (await each(scene, (botId) => scene.routes.delete(botId))),
  'an old copy is restored': async ({ old, witness }) => void (await Promise.all([...old].map(([botId, route]) => witness.restore(botId, route)))),
  'every status is lost': async (scene) => void (await each(scene, (botId) => scene.operated.loseStatus(botId))),
  'routes and status are lost': async (scene) => void (await each(scene, async (botId) => {
    await scene.operated.loseStatus(botId);
    await scene.routes.delete(botId);
  })),
};

/**
 * Routes are a projection: deleted, restored from an old copy, or without the status that they follow from, two real operators on a real kube-apiserver
 * build them again while people write. Every fifth round the leading operator stands still until another leads and has moved all bots on, then goes on
 * where it was.
 */
export const wipeRoutes = (): Scenario => {
  let operated: Operated | undefined;
  let witness: RouteWitness | undefined;
  return {
    isTextOnly: true,
    prepare: async (world) => {
      await pairs(world);
      operated = await Operated.start(world);
    },
    makeBots: async (world) => {
      if (!operated) throw new Error('no operator was started');
      const bots = await operated.makeBots(world);
      await becomesReady(operated, bots.map(({ botId }) => botId));
      return bots;
    },
    disturb: async (run) => {
      if (!operated) throw new Error('no operator was started');
      const routes = new TypedBucket<RouteRecord>(run.world.nats.jsm, BUCKETS.routes);
      witness = new RouteWitness(routes);
      await witness.ready;
      const scene = { run, operated, routes, witness };
      const harms = Object.entries(HARMS);
      const rounds = Math.max(harms.length, run.plan.kills);
      const perRound = run.plan.updates / rounds;
      for (let round = 0; round < rounds; round++) {
        const [what, harm] = harms[round % (harms.length + 1)] ?? [];
        // Before people go on, so that the harm meets their updates.
        const old = await moveOn(scene, round);
        run.feeder.allow(Math.round(perRound * (round + 1)));
        await run.untilInjected(Math.round(perRound * (round + 0.5)), STALL_MS_MAX);
        if (what === undefined || harm === undefined) await depose({ ...scene, old }, round);
        else await rebuild({ ...scene, old }, what, harm);
      }
      run.feeder.allow(run.plan.updates);
    },
    judge: (run) => void run.problems.push(...(witness?.wentBack() ?? ['nobody looked at routes'])),
    close: async () => {
      await witness?.close();
      await operated?.stop();
    },
  };
};

/** Another revision for every bot; returns the routes from before. */
async function moveOn({ run, operated, routes }: Omit<Scene, 'old'>, round: number): Promise<Map<string, RouteRecord>> {
  const old = await read(run, routes);
  await Promise.all(run.bots.map(({ botId }) => operated.edit(botId, `Counter ${round}`)));
  await becomesReady(operated, run.bots.map(({ botId }) => botId));
  return old;
}

async function read(run: Run, routes: TypedBucket<RouteRecord>): Promise<Map<string, RouteRecord>> {
  const found = await Promise.all(run.bots.map(async ({ botId }) => [botId, (await routes.get(botId))?.value] as const));
  return new Map(found.flatMap(([botId, route]) => (route ? [[botId, route] as const] : [])));
}

/** Does the harm and waits until every route serves as before it, by the same number or a higher one. */
async function rebuild(scene: Scene, what: string, harm: Harm): Promise<void> {
  const { run, routes } = scene;
  const before = await read(run, routes);
  const { outstanding } = run.checker;
  const startMs = Date.now();
  await harm(scene);
  const isAsBefore = async (): Promise<boolean> => {
    const now = await read(run, routes);
    return [...before].every(([botId, route]) => isHeir(now.get(botId), route));
  };
  const describe = (route?: RouteRecord): string => `${route?.state ?? 'none'} ${route?.split[0]?.revision ?? ''} ${route?.routeSeq ?? ''}`;
  const isRebuilt = await run.until(isAsBefore, Math.max(run.plan.rebuildMsMax, READY_MS_MAX));
  const tookMs = Date.now() - startMs;
  run.print(`${what}: ${isRebuilt ? `rebuilt after ${(tookMs / 1_000).toFixed(2)} s` : 'not rebuilt'}; ${outstanding} updates were under way`);
  const now = await read(run, routes);
  for (const [botId, route] of before) if (!isHeir(now.get(botId), route)) run.print(`${botId}: was ${describe(route)}, is ${describe(now.get(botId))}`);
  if (!isRebuilt || tookMs > run.plan.rebuildMsMax) run.problems.push(`${what}: routes were not rebuilt within ${run.plan.rebuildMsMax / 1_000} s`);
  await becomesReady(scene.operated, run.bots.map(({ botId }) => botId));
}

const isHeir = (now: RouteRecord | undefined, before: RouteRecord): boolean =>
  now?.state === 'Serving' && now.routeSeq >= before.routeSeq && now.split[0]?.revision === before.split[0]?.revision;

/** The leader stands still with what it knows while another leads and moves every bot on; then it goes on, and must not write what it knew. */
async function depose({ run, operated }: Scene, round: number): Promise<void> {
  const stale = await operated.leader();
  if (!stale) throw new Error('no operator leads');
  run.print(`${stale.name} leads and stands still for ${DEPOSED_MS / 1_000} s; ${run.checker.outstanding} updates under way`);
  // Begun by the one and, for the most part, left to the other.
  await Promise.all(run.bots.map(({ botId }) => operated.edit(botId, `Counter ${round} again`)));
  const pause = stale.pause(DEPOSED_MS);
  const isDeposed = await run.until(async () => ![stale, undefined].includes(await operated.leader()), TAKEOVER_MS_MAX);
  if (!isDeposed) run.problems.push('no other operator leads');
  await pause;
  await becomesReady(operated, run.bots.map(({ botId }) => botId));
}

async function becomesReady(operated: Operated, botIds: readonly string[]): Promise<void> {
  const untilMs = Date.now() + READY_MS_MAX;
  for (const botId of botIds) {
    while (!(await operated.isReady(botId))) {
      if (Date.now() > untilMs) throw new Error(`${botId} is not Ready after ${READY_MS_MAX / 1_000} s`);
      await new Promise((resolve) => setTimeout(resolve, WAIT_POLL_MS));
    }
  }
}
