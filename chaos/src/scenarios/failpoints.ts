import { FAILPOINTS } from '@botplane/contracts';
import { STALL_MS_MAX } from '../limits.ts';
import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import type { Scaled, World } from '../world/world.ts';
import type { Scenario } from './scenario.ts';

type Crashing = keyof typeof FAILPOINTS;
const KINDS = ['executor', 'delivery'] as const;
/** Passes of a point before it ends the process: enough that chains are under way. */
const PASSES = { min: 10, spread: 40 } as const;

/**
 * Executors and deliveries crash at every named point between receive and acknowledgement. Each start of a process is given the point
 * that was met least, so that all of them are met equally often.
 */
export const failpoints = (): Scenario => {
  let isOver = false;
  return {
    prepare: async (world) => {
      await Promise.all([world.scale('executor', 3), world.scale('delivery', 2), world.scale('runtime', 1)]);
    },
    disturb: async (run) => {
      const points = new Points(run);
      run.world.nextEnv = (kind) => (isOver ? {} : points.envFor(kind));
      // Their first crash is an ordinary one: from then on each start has a point of its own.
      await Promise.all(processesOf(run.world).map((process) => process.kill()));
      run.feeder.allow(run.plan.updates - 1);
      await points.untilMet(run);
      isOver = true;
      run.world.nextEnv = () => ({});
      await Promise.all(processesOf(run.world).map((process) => process.kill()));
      await Promise.all(processesOf(run.world).map((process) => process.untilReady()));
      for (const process of run.world.delivery) run.crashes.push(...process.ends.filter(({ atMs }) => atMs >= points.startMs));
      points.print(run);
      run.feeder.allow(run.plan.updates);
    },
  };
};

class Points {
  readonly startMs = Date.now();
  private readonly run: Run;
  /** Points that a running process is set to, so that the next one gets another. */
  private readonly given = new Map<string, number>();

  constructor(run: Run) {
    this.run = run;
  }

  /** The setting for the next start of a process. */
  envFor(kind: Scaled): Readonly<Record<string, string>> {
    if (kind === 'runtime') return {};
    const rank = (point: string): number => this.given.get(`${kind}/${point}`) ?? 0;
    const point = FAILPOINTS[kind].toSorted((a, b) => rank(a) - rank(b))[0] ?? '';
    this.given.set(`${kind}/${point}`, rank(point) + 1);
    return { BOTPLANE_FAILPOINTS: `${point}:every-${PASSES.min + this.run.random.int(PASSES.spread)}` };
  }

  /** Waits until every point was met often enough, or the load is over. */
  async untilMet(run: Run): Promise<void> {
    const isDone = (): boolean => KINDS.every((kind) => FAILPOINTS[kind].every((point) => this.hits(kind, point) >= run.plan.hitsPerPoint));
    let last = -1;
    let sinceMs = Date.now();
    const isMoving = (): boolean => {
      if (run.checker.settled !== last) [last, sinceMs] = [run.checker.settled, Date.now()];
      return Date.now() - sinceMs < STALL_MS_MAX;
    };
    await run.until(() => isDone() || run.checker.injected >= run.plan.updates - 1 || !isMoving(), Number.POSITIVE_INFINITY);
  }

  print(run: Run): void {
    for (const kind of KINDS) {
      const counts = FAILPOINTS[kind].map((point) => `${point} ${this.hits(kind, point)}`);
      run.print(`${kind}: ${counts.join(', ')}`);
      for (const point of FAILPOINTS[kind]) if (this.hits(kind, point) < run.plan.hitsPerPoint) run.problems.push(`${kind} met ${point} ${this.hits(kind, point)} times where ${run.plan.hitsPerPoint} were due`);
    }
  }

  private hits(kind: Crashing, point: string): number {
    return this.run.world[kind].flatMap(({ ends }) => ends).filter(({ failpoint, atMs }) => failpoint === point && atMs >= this.startMs).length;
  }
}

const processesOf = (world: World): ServiceProcess[] => [...world.executor, ...world.delivery];
