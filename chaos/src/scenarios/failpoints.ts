import { setTimeout as sleep } from 'node:timers/promises';
import { FAILPOINTS, STREAMS } from '@botplane/contracts';
import { nanos } from '@nats-io/nats-core';
import { STALL_MS_MAX } from '../limits.ts';
import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import { DEED_SHARE } from '../world/deeds.ts';
import type { World } from '../world/world.ts';
import type { Scenario } from './scenario.ts';
import { noteStopped } from './senders.ts';

type Crashing = keyof typeof FAILPOINTS;
const PROCESSES: Readonly<Record<Crashing, number>> = { executor: 3, delivery: 3 };
const KINDS = Object.keys(PROCESSES) as Crashing[];
/** Points that only some updates pass, and which part of them. */
const SHARES: Readonly<Record<string, number>> = {
  'after-call-kept': DEED_SHARE, 'after-failed-try': DEED_SHARE, 'after-timers': DEED_SHARE, 'after-dead-letter': DEED_SHARE, 'after-kept-message': DEED_SHARE, 'after-freeze': DEED_SHARE / 5,
  // More, refused and kept.
  'between-entries': 3 * DEED_SHARE,
};
const shareOf = (point: string): number => SHARES[point] ?? 1;
/** So many refusals wait for a call of some bot, and are replaced this often: a bot that found many of them would not be heard for minutes. */
const FREEZE = { everyMs: 500, waitingMax: 4, retryAfterS: 1 } as const;
/** The consumer that hands out due timers, and after what time it does so again at the end of the run. */
const DUE_TIMERS = { consumer: 'due', againMs: 1_000 } as const;
/** Updates that come to a process before a point ends it, at least: enough that chains are under way. */
const UPDATES_MIN = 5;
/** The crashes lie in this share of the load: what is left makes up for passes that a process had fewer of than others. */
const SHARE_OF_LOAD = { min: 0.4, spread: 0.4 } as const;

/**
 * Executors and deliveries crash at every named point between receive and acknowledgement. Each start of a process is given the point
 * that was met least (of several, the one that fewest updates pass, for it takes the longest), and a number of passes that spreads the crashes over the load. `kinds`: whose points they are.
 */
export const failpoints = (kinds: readonly Crashing[] = KINDS): Scenario => ({
  isBusy: true,
  prepare: async (world) => {
    await Promise.all([...KINDS.map((kind) => world.scale(kind, 0)), world.scale('runtime', 1)]);
  },
  disturb: async (run) => {
    const { world } = run;
    const points = new Points(run, kinds);
    world.nextEnv = (kind, index) => (kind === 'runtime' ? {} : points.envFor(kind, index));
    world.onEnd = (kind, index) => points.ended(kind, index);
    try {
      await Promise.all(KINDS.map((kind) => world.scale(kind, PROCESSES[kind])));
      run.feeder.allow(run.plan.updates - 1);
      await Promise.all([points.untilMet(), points.freezeChats()]);
      world.nextEnv = () => ({});
      await points.disarm();
      await hastenTimers(world);
    } finally {
      world.nextEnv = () => ({});
      world.onEnd = () => undefined;
    }
    points.judge();
    run.feeder.allow(run.plan.updates);
  },
});

class Points {
  private readonly run: Run;
  /** The point that a process is set to, by kind and index. */
  private readonly armed = new Map<string, string>();
  private readonly points: Readonly<Record<Crashing, readonly string[]>>;
  private notes: Promise<void>[] = [];
  private isOver = false;

  constructor(run: Run, kinds: readonly Crashing[]) {
    this.run = run;
    const pointsOf = (kind: Crashing): readonly string[] => (kinds.includes(kind) ? FAILPOINTS[kind] : []);
    this.points = { executor: pointsOf('executor'), delivery: pointsOf('delivery') };
  }

  /** The setting for the next start of a process: nothing once every point was met often enough or is about to be. */
  envFor(kind: Crashing, index: number): Readonly<Record<string, string>> {
    this.armed.delete(`${kind}/${index}`);
    const due = this.points[kind].map((point) => ({ point, missing: this.missing(kind, point) })).toSorted((a, b) => b.missing - a.missing || shareOf(a.point) - shareOf(b.point));
    const next = due[0];
    if (next === undefined || next.missing <= 0) return {};
    this.armed.set(`${kind}/${index}`, next.point);
    return { BOTPLANE_FAILPOINTS: `${next.point}:every-${this.passes(kind, next.point, due.reduce((sum, { missing }) => sum + Math.max(0, missing), 0))}` };
  }

  /** Waits until every point was met often enough, or the load is over. */
  async untilMet(): Promise<void> {
    const { run } = this;
    let last = -1;
    let sinceMs = Date.now();
    const isMoving = (): boolean => {
      if (run.checker.settled !== last) [last, sinceMs] = [run.checker.settled, Date.now()];
      return Date.now() - sinceMs < STALL_MS_MAX;
    };
    const isMet = (): boolean => KINDS.every((kind) => this.points[kind].every((point) => this.hits(kind, point) >= run.plan.hitsPerPoint));
    const isOver = (): boolean => run.checker.settled >= run.plan.updates - 1;
    await run.until(() => isMet() || isOver() || !isMoving(), Number.POSITIVE_INFINITY);
    this.isOver = true;
  }

  /** Refuses some calls for a while, until every point was met. */
  async freezeChats(): Promise<void> {
    const { world, bots, random, recorder } = this.run;
    for (let added = 0; !this.isOver; ) {
      for (; added - recorder.refused < FREEZE.waitingMax; added++) await world.telegram.addFault({ token: random.pick(bots).token, kind: '429', retry_after: FREEZE.retryAfterS, count: 1 });
      await sleep(FREEZE.everyMs);
    }
  }

  /** A crash of a sender excuses repeats. */
  ended(kind: string, index: number): void {
    const sender = this.run.world.delivery[index];
    if (kind === 'delivery' && sender !== undefined) this.notes.push(noteStopped(this.run, [sender]));
  }

  /** Ends the processes that still have a point before them. */
  async disarm(): Promise<void> {
    const { world } = this.run;
    const armed = KINDS.flatMap((kind) => world[kind].filter((_, index) => this.armed.has(`${kind}/${index}`)));
    await Promise.all(armed.map((process) => process.kill()));
    await Promise.all(processesOf(world).map((process) => process.untilReady()));
    await Promise.all(this.notes);
  }

  judge(): void {
    const { plan, print, problems, recorder, world } = this.run;
    const { calls, repeated } = world.api.keptCalls();
    print(`${recorder.refused} calls were refused for ${FREEZE.retryAfterS} s; ${calls} apiCalls with a kept result, ${repeated} of them made more than once`);
    for (const kind of KINDS) {
      print(`${kind}: ${this.points[kind].map((point) => `${point} ${this.hits(kind, point)}`).join(', ')}`);
      for (const point of this.points[kind]) if (this.hits(kind, point) < plan.hitsPerPoint) problems.push(`${kind} met ${point} ${this.hits(kind, point)} times where ${plan.hitsPerPoint} were due`);
    }
  }

  /** Each process sees its share of what is left of the load, and meets its share of the crashes that are left. */
  private passes(kind: Crashing, point: string, crashesLeft: number): number {
    const updatesLeft = this.run.plan.updates - this.run.checker.injected;
    const share = SHARE_OF_LOAD.min + SHARE_OF_LOAD.spread * this.run.random.next();
    const updates = Math.max(UPDATES_MIN, (updatesLeft * share) / Math.max(crashesLeft, PROCESSES[kind]));
    return Math.ceil(updates * shareOf(point));
  }

  /** Crashes at a point that are still due and that no process is set to. */
  private missing(kind: Crashing, point: string): number {
    const armed = [...this.armed].filter(([process, name]) => process.startsWith(`${kind}/`) && name === point).length;
    return this.run.plan.hitsPerPoint - this.hits(kind, point) - armed;
  }

  private hits(kind: Crashing, point: string): number {
    return this.run.world[kind].flatMap(({ ends }) => ends).filter(({ failpoint }) => failpoint === point).length;
  }
}

/** Due timers that an executor died with come again after 30 s. Nobody dies any more, so those are waited for in less; the next executor that starts sets the consumer as it was. */
async function hastenTimers({ nats }: World): Promise<void> {
  await nats.jsm.consumers.update(STREAMS.timers, DUE_TIMERS.consumer, { ack_wait: nanos(DUE_TIMERS.againMs) });
}

const processesOf = (world: World): ServiceProcess[] => KINDS.flatMap((kind) => world[kind]);
