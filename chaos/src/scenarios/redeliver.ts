import { FORGOTTEN_MS_MAX, INSIDE_WINDOW_MS, REDELIVERED_SHARE } from '../limits.ts';
import type { Injected } from '../load/feeder.ts';
import { KINDS } from '../load/kinds.ts';
import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import { DuplicateWindow, storedUpdates } from './duplicate-window.ts';
import { GAUGES, needKills, pairs } from './kills.ts';
import { partitionOf, partitionsOf, untilTakenOver } from './owners.ts';
import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const WHENS = ['inside', 'after', 'takeover'] as const;
type When = (typeof WHENS)[number];

/** Every n-th update of each kind is sent again; in turns inside the duplicate window, after it, and across the next takeover of its partition. */
const EVERY = Math.round(1 / REDELIVERED_SHARE);
/** Kills after the load, for what is still held back because its partition has not changed hands. */
const LAST_TAKEOVERS_MAX = 3;
/** Share of the copies for the window that must certainly have come inside it: a busy machine delivers some so slowly that nobody can tell. Those for after it wait until it is over. */
const INSIDE_SHARE_MIN = 0.5;

/**
 * Telegram sends 5 % of the updates of all kinds again. Inside the stream's duplicate window the broker drops them; after it, and for an
 * owner that has just taken over, the record of the chat has to know them.
 */
export const redeliver = (): Scenario => {
  const window = new DuplicateWindow();
  const again = new Redeliveries(window);
  let storedBefore = 0;
  return {
    prepare: async (world) => {
      await pairs(world);
      await window.shorten(world);
      storedBefore = await storedUpdates(world);
    },
    onInjected: (injected) => again.take(injected),
    disturb: async (run) => {
      const sending = again.run(run);
      sending.catch((error: Error) => run.fail(error));
      await inRounds(run, run.plan.kills, async () => {
        // Before the kill: the victim is back at once, and what came between would pass for forgotten.
        window.widened(Date.now());
        const victim = await run.killBusy(run.world.executor, GAUGES.executor);
        if (victim === undefined) await window.shorten(run.world);
        else await again.acrossTakeover(run, [victim]);
      });
      await run.until(() => run.checker.injected >= run.plan.updates && run.checker.outstanding === 0, FORGOTTEN_MS_MAX);
      await again.lastTakeovers(run);
      again.stop();
      await sending;
      await window.restore(run.world);
    },
    judge: async (run) => {
      needKills(run);
      again.judge(run, (await storedUpdates(run.world)) - storedBefore - run.checker.injected);
    },
  };
};

interface Due {
  injected: Injected;
  when: When;
  takenMs: number;
}

class Redeliveries {
  private readonly sent: Record<When, number> = { inside: 0, after: 0, takeover: 0 };
  private readonly kinds = new Map<string, number>();
  private due: Due[] = [];
  private held: Due[] = [];
  private readonly seen = new Map<string, number>();
  private taken = 0;
  private isStopping = false;

  constructor(private readonly window: DuplicateWindow) {}

  take(injected: Injected): void {
    const seen = (this.seen.get(injected.kind) ?? 0) + 1;
    this.seen.set(injected.kind, seen);
    if (seen % EVERY !== 0) return;
    const when = WHENS[this.taken++ % WHENS.length] ?? 'inside';
    (when === 'takeover' ? this.held : this.due).push({ injected, when, takenMs: Date.now() });
  }

  /**
   * Sends again what was settled by the victims: one half before anybody has its partitions, so that the next owner finds the copy
   * right behind what was unsettled, the other half once they have new owners.
   */
  async acrossTakeover(run: Run, victims: readonly ServiceProcess[]): Promise<void> {
    const forgotten = new Set(this.held.filter((item) => this.isForgotten(run, item)).map(({ injected }) => injected.updateKey));
    const orphaned = await partitionsOf(run.world, 'executor', victims);
    const isReady = ({ injected }: Due): boolean => orphaned.has(partitionOf(injected)) && forgotten.has(injected.updateKey) && run.checker.isAnswered(injected.updateKey);
    const ready = this.held.filter(isReady);
    this.held = this.held.filter((item) => !ready.includes(item));
    const half = Math.ceil(ready.length / 2);
    await this.sendAll(run, ready.slice(0, half));
    await untilTakenOver(run, orphaned);
    await this.sendAll(run, ready.slice(half));
    await Promise.all(victims.map((victim) => victim.untilReady()));
    await this.window.shorten(run.world);
  }

  /** All executors die at once, without load, until nothing is held back. A takeover may take less than what is held back has to wait. */
  async lastTakeovers(run: Run): Promise<void> {
    const { executor } = run.world;
    for (let turn = 0; turn < LAST_TAKEOVERS_MAX && this.held.length > 0; turn++) {
      await run.until(() => this.held.every((item) => this.isForgotten(run, item)), FORGOTTEN_MS_MAX);
      this.window.widened(Date.now());
      await Promise.all(executor.map((process) => process.kill()));
      await this.acrossTakeover(run, executor);
    }
  }

  private isDue(run: Run, item: Due): boolean {
    return item.when === 'inside' ? Date.now() >= item.takenMs + INSIDE_WINDOW_MS : this.isForgotten(run, item);
  }

  /** Whether the window cannot know it any more. */
  private isForgotten({ checker }: Run, { injected }: Due): boolean {
    return this.window.forgottenMs(checker.arrivals.of(injected.updateKey)) < Date.now();
  }

  stop(): void {
    this.isStopping = true;
  }

  /** Sends what is due, until it is told to stop and nothing is left. */
  async run(run: Run): Promise<void> {
    await run.until(async () => {
      const ready = this.due.filter((item) => this.isDue(run, item));
      this.due = this.due.filter((item) => !ready.includes(item));
      await this.sendAll(run, ready);
      return this.isStopping && this.due.length === 0;
    }, Number.POSITIVE_INFINITY);
  }

  /** `stored`: copies that got past the window. */
  judge({ print, problems, checker }: Run, stored: number): void {
    const { inside, after, takeover } = this.sent;
    const all = inside + after + takeover;
    print(`sent again: ${inside} inside the window, ${after} after it, ${takeover} across a takeover; ${[...this.kinds].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
    print(`the window dropped ${all - stored} copies, ${stored} came to an executor`);
    for (const when of WHENS) if (this.sent[when] === 0) problems.push(`nothing was sent again: ${when}`);
    for (const kind of KINDS) if (!this.kinds.has(kind)) problems.push(`no ${kind} was sent again`);
    if (this.held.length > 0) problems.push(`${this.held.length} updates were never sent again, for want of a takeover`);
    const places = checker.arrivals.copies.map(({ first, copy }) => this.window.placeOf(first, copy));
    const [early, late] = (['inside', 'after'] as const).map((place) => places.filter((one) => one === place).length) as [number, number];
    print(`by the simulator's record ${early} copies came inside it and ${late} after it`);
    if (all - stored < early) problems.push(`the window dropped ${all - stored} copies where ${early} came inside it`);
    if (stored < late) problems.push(`${stored} copies came to an executor where ${late} came after the window`);
    if (early < inside * INSIDE_SHARE_MIN) problems.push(`${early} copies came inside the window where ${inside} were due`);
    if (late < after + takeover) problems.push(`${late} copies came after the window where ${after + takeover} were due`);
  }

  private async sendAll(run: Run, items: readonly Due[]): Promise<void> {
    for (const { injected, when } of items) {
      await run.world.telegram.redeliver(injected.bot.token, injected.updateId);
      this.sent[when]++;
      this.kinds.set(injected.kind, (this.kinds.get(injected.kind) ?? 0) + 1);
    }
  }
}
