import { setTimeout as sleep } from 'node:timers/promises';
import { outboundPartition } from '@botplane/domain';
import { Checker } from './check/checker.ts';
import type { Crash } from './check/repeats.ts';
import { ON_RECORD_MS_MAX, VICTIM_WAIT_MS_MAX, WAIT_POLL_MS } from './limits.ts';
import { Feeder, botOf } from './load/feeder.ts';
import type { Injected } from './load/feeder.ts';
import { Recorder } from './load/recorder.ts';
import { Random } from './random.ts';
import type { ServiceProcess } from './world/service-process.ts';
import { extraTexts, refusedText } from './world/deeds.ts';
import type { TestBot } from './world/test-bots.ts';
import type { World } from './world/world.ts';

/** Size of a run. */
export interface Plan {
  updates: number;
  chats: number;
  kills: number;
  pauses: number;
  hitsPerPoint: number;
  poisons: number;
  /** Updates under way at most. */
  outstanding: number;
  /** How long routes may be away after they were harmed, ms. */
  rebuildMsMax: number;
}

export interface RunOptions {
  world: World;
  plan: Plan;
  seed: number;
  /** Progress, for people. */
  print: (line: string) => void;
}

/** What a scenario works with while people write. */
export class Run {
  readonly world: World;
  readonly plan: Plan;
  readonly print: (line: string) => void;
  readonly random: Random;
  readonly checker: Checker;
  readonly recorder: Recorder;
  readonly feeder: Feeder;
  /** Moments at which something that talks to Telegram died or stood still. */
  readonly crashes: Crash[] = [];
  /** Failures that are no counts of updates. */
  readonly problems: string[] = [];
  /** `<botId>/<update_id>` of poisoned updates. */
  readonly poisoned = new Set<string>();
  /** `<botId>/<chat>/<text>` of calls that Telegram refuses for good. */
  readonly refused = new Set<string>();
  kills = 0;
  private failure: Error | undefined;

  constructor(options: RunOptions, readonly bots: readonly TestBot[], setting: { isPoisoned: boolean; isTextOnly: boolean; isBusy: boolean; onInjected: (injected: Injected) => void }) {
    const { world, plan, seed, print } = options;
    this.world = world;
    this.plan = plan;
    this.print = print;
    this.random = new Random(seed);
    this.checker = new Checker(setting.isBusy ? { extraTexts } : {});
    this.recorder = new Recorder(world.telegram, this.checker);
    this.feeder = new Feeder({
      telegram: world.telegram, checker: this.checker, bots, seed, isTextOnly: setting.isTextOnly, chats: plan.chats, updates: plan.updates, outstandingMax: plan.outstanding, poisons: setting.isPoisoned ? plan.poisons : 0,
      buttonData: () => this.recorder.buttonData,
      onInjected: (injected) => {
        const { bot, chat, k } = injected;
        const refused = setting.isBusy ? refusedText(k) : undefined;
        if (refused !== undefined) this.refused.add(`${bot.botId}/${chat}/${refused}`);
        if (injected.isPoison) this.poisoned.add(injected.updateKey);
        setting.onInjected(injected);
      },
    });
  }

  /** Ends every wait with this error. */
  fail(error: Error): void {
    this.failure ??= error;
  }

  /** Waits until `check` holds; throws what broke the run meanwhile. False when it takes longer. */
  async until(check: () => boolean | Promise<boolean>, msMax: number): Promise<boolean> {
    const untilMs = Date.now() + msMax;
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      if (await check()) return true;
      if (Date.now() >= untilMs) return false;
      await sleep(WAIT_POLL_MS);
    }
  }

  /** Waits until so many updates are out. Throws when the load stands still for longer than any takeover takes. */
  async untilInjected(count: number, stallMsMax: number): Promise<void> {
    let last = -1;
    let sinceMs = Date.now();
    const isMoving = (): boolean => {
      if (this.checker.injected !== last) [last, sinceMs] = [this.checker.injected, Date.now()];
      return Date.now() - sinceMs < stallMsMax;
    };
    await this.until(() => this.checker.injected >= count || !isMoving(), Number.POSITIVE_INFINITY);
    if (this.checker.injected < count) throw new Error(`the load stands still at ${this.checker.injected} updates with ${this.checker.outstanding} unanswered`);
  }

  /** What spoke for these partitions of OUTBOUND (default: all) died or stood still: one call of each of its chats can have been with Telegram. Returns of how many. */
  crashed(atMs: number, partitions?: ReadonlySet<number>): number {
    const owns = (chat: number): boolean => partitions?.has(outboundPartition(botOf(this.bots, chat).botId)) ?? true;
    const inFlightMax = this.checker.chatsUnderWay(owns, atMs - ON_RECORD_MS_MAX);
    this.crashes.push({ atMs, inFlightMax, owns });
    return inFlightMax;
  }

  /** One of the processes at a moment at which it has unsettled work, by that metric; undefined when none had for too long. */
  async pickBusy(processes: readonly ServiceProcess[], gauge: string): Promise<{ process: ServiceProcess; work: number } | undefined> {
    let process: ServiceProcess | undefined;
    let work = 0;
    await this.until(async () => {
      process = this.random.pick(processes);
      work = process.isReady ? await process.gauge(gauge) : 0;
      return work > 0;
    }, VICTIM_WAIT_MS_MAX);
    return process === undefined || work === 0 ? undefined : { process, work };
  }

  /** Kills one of the processes while it has unsettled work, and counts the kill. Undefined when nothing was killed. */
  async killBusy(processes: readonly ServiceProcess[], gauge: string): Promise<ServiceProcess | undefined> {
    const victim = await this.pickBusy(processes, gauge);
    if (victim === undefined) return undefined;
    await victim.process.kill();
    this.kills++;
    this.print(`kill ${this.kills}: ${victim.process.name} with ${victim.work} unsettled; ${this.checker.outstanding} updates of ${this.checker.waitingChats()} chats under way`);
    return victim.process;
  }
}
