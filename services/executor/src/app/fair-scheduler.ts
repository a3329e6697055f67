import { setTimeout as sleep } from 'node:timers/promises';
import type { HeadResult } from './run-update.ts';

/** Work of one chain, oldest first. `run` is called again and again until it is settled. Must not throw. */
export interface ChainItem {
  run(place: Place): Promise<HeadResult>;
}

/** What a running item holds. */
export interface Place {
  /** Gives it to others while the work waits for somebody else, and takes a turn of its bot before it goes on. */
  leaveFor<T>(work: () => Promise<T>): Promise<T>;
}

export interface SchedulerLimits {
  /** Items at work, and of one bot; those of one bot that have left their places count among its own. */
  runningMax: number;
  runningPerBotMax: number;
  /** Items of all bots that have left their places; one more keeps its own. */
  awayMax: number;
  /** Items of one bot at work after they came back; more when other bots have more at work. Answers and time-outs come in crowds, and no other bot should stand behind one. */
  returnedPerBotMax: number;
  /**
   * What a bot has away comes back over so much of the time that it was away, 0..1, and over `returnsSpreadMsMax` at most. Calls that hang are given
   * up together: 64 time-outs of 5 s in one instant would stand before everybody. Below 1 a steady stream of as many is not held up.
   */
  returnsSpread: number;
  returnsSpreadMsMax: number;
}

interface Chain {
  readonly key: string;
  readonly bot: Bot;
  readonly items: ChainItem[];
  isBusy: boolean;
  isDropped: boolean;
}

interface Bot {
  readonly id: string;
  readonly ready: Chain[];
  /** Go on with items that want to come back, oldest first. */
  readonly returning: (() => void)[];
  chains: number;
  /** Items begun: at work or away. */
  running: number;
  away: number;
  /** Items at work that were away. */
  returned: number;
  /** Before this, on the clock of `performance`, no other comes back. */
  nextReturnMs: number;
  isInTurn: boolean;
}

/**
 * Runs chains: within a chain one after the other, over chains in parallel, over bots in turns, so that one bot's flood costs the
 * others nothing but its share. A chain that waits for its next try, or for what an item left its place for, holds no place.
 */
export class FairScheduler {
  private readonly chains = new Map<string, Chain>();
  private readonly bots = new Map<string, Bot>();
  private readonly turns: Bot[] = [];
  private running = 0;
  private away = 0;

  constructor(private readonly limits: SchedulerLimits) {}

  /** Updates of a chain that are not settled. */
  chainLength(key: string): number {
    return this.chains.get(key)?.items.length ?? 0;
  }

  /** Items at work. */
  get runningCount(): number {
    return this.running;
  }

  /** Appends to a chain. `key` must be unique over all bots and ownerships. */
  enqueue(botId: string, key: string, item: ChainItem): void {
    let chain = this.chains.get(key);
    if (chain === undefined) {
      const bot = this.botOf(botId);
      bot.chains++;
      chain = { key, bot, items: [], isBusy: false, isDropped: false };
      this.chains.set(key, chain);
    }
    chain.items.push(item);
    if (!chain.isBusy) this.makeReady(chain);
    this.pump();
  }

  /** Forgets a chain; what runs of it runs to its end, and nothing after it. */
  drop(key: string): void {
    const chain = this.chains.get(key);
    if (chain !== undefined) this.remove(chain);
  }

  private botOf(id: string): Bot {
    let bot = this.bots.get(id);
    if (bot === undefined) {
      bot = { id, ready: [], returning: [], chains: 0, running: 0, away: 0, returned: 0, nextReturnMs: 0, isInTurn: false };
      this.bots.set(id, bot);
    }
    return bot;
  }

  private makeReady(chain: Chain): void {
    if (chain.isDropped) return;
    chain.isBusy = true;
    chain.bot.ready.push(chain);
    this.takeTurn(chain.bot);
  }

  private takeTurn(bot: Bot): void {
    if (bot.isInTurn || !(this.mayReturn(bot) || this.mayBegin(bot))) return;
    bot.isInTurn = true;
    this.turns.push(bot);
  }

  private mayBegin({ ready, running }: Bot): boolean {
    return ready.length > 0 && running < this.limits.runningPerBotMax;
  }

  private mayReturn(bot: Bot): boolean {
    return bot.returning.length > 0 && bot.returned < Math.max(this.limits.returnedPerBotMax, this.shareOfOthers(bot));
  }

  /** What another bot has at work, on average. */
  private shareOfOthers(bot: Bot): number {
    const others = this.bots.size - 1;
    return others > 0 ? (this.running - (bot.running - bot.away)) / others : 0;
  }

  private pump(): void {
    while (this.running < this.limits.runningMax) {
      const bot = this.turns.shift();
      if (bot === undefined) return;
      bot.isInTurn = false;
      this.serve(bot);
      this.takeTurn(bot);
    }
  }

  /** What was begun goes first. What others have at work may have changed since the bot took its turn. */
  private serve(bot: Bot): void {
    if (this.mayReturn(bot)) return bot.returning.shift()?.();
    if (!this.mayBegin(bot)) return;
    const chain = bot.ready.shift();
    if (chain !== undefined && !chain.isDropped) this.start(chain);
  }

  private start(chain: Chain): void {
    const item = chain.items[0];
    if (item === undefined) return;
    this.running++;
    chain.bot.running++;
    const place = new HeldPlace({ leave: (wasReturned) => this.leave(chain.bot, wasReturned), comeBack: (awayMs) => this.comeBack(chain, awayMs) });
    void item.run(place).then((result) => {
      this.running--;
      chain.bot.running--;
      if (place.isReturned) chain.bot.returned--;
      this.afterRun(chain, result);
      this.takeTurn(chain.bot);
      this.pump();
    });
  }

  /** False: too many are away. */
  private leave(bot: Bot, wasReturned: boolean): boolean {
    if (this.away >= this.limits.awayMax) return false;
    this.away++;
    bot.away++;
    this.running--;
    if (wasReturned) bot.returned--;
    this.takeTurn(bot);
    this.pump();
    return true;
  }

  private async comeBack({ bot, isDropped }: Chain, awayMs: number): Promise<void> {
    const waitMs = isDropped ? 0 : this.returnPauseMs(bot, awayMs);
    if (waitMs > 0) await sleep(waitMs);
    return new Promise((resolve) => {
      bot.returning.push(() => {
        this.away--;
        bot.away--;
        this.running++;
        bot.returned++;
        resolve();
      });
      this.takeTurn(bot);
      this.pump();
    });
  }

  /** Takes the next time at which one of the bot may come back. */
  private returnPauseMs(bot: Bot, awayMs: number): number {
    const { returnsSpread, returnsSpreadMsMax, runningPerBotMax } = this.limits;
    const nowMs = performance.now();
    const returnMs = Math.max(nowMs, bot.nextReturnMs);
    bot.nextReturnMs = returnMs + Math.min(awayMs * returnsSpread, returnsSpreadMsMax) / runningPerBotMax;
    return returnMs - nowMs;
  }

  private afterRun(chain: Chain, result: HeadResult): void {
    if (chain.isDropped) {
      this.forgetBot(chain.bot);
      return;
    }
    if (result === 'settled') {
      chain.items.shift();
      if (chain.items.length === 0) this.remove(chain);
      else this.makeReady(chain);
      return;
    }
    // Still busy while it waits, so that nothing overtakes the head.
    setTimeout(() => {
      this.makeReady(chain);
      this.pump();
    }, result.retryAfterMs);
  }

  private remove(chain: Chain): void {
    if (chain.isDropped) return;
    chain.isDropped = true;
    chain.items.length = 0;
    this.chains.delete(chain.key);
    chain.bot.chains--;
    this.forgetBot(chain.bot);
  }

  private forgetBot(bot: Bot): void {
    if (bot.chains === 0 && bot.running === 0) this.bots.delete(bot.id);
  }
}

/** The place of one item for one run. */
class HeldPlace implements Place {
  /** It was left, and counts among those that came back. */
  isReturned = false;

  constructor(private readonly seat: { leave: (wasReturned: boolean) => boolean; comeBack: (awayMs: number) => Promise<void> }) {}

  async leaveFor<T>(work: () => Promise<T>): Promise<T> {
    if (!this.seat.leave(this.isReturned)) return work();
    this.isReturned = false;
    const sinceMs = performance.now();
    try {
      return await work();
    } finally {
      await this.seat.comeBack(performance.now() - sinceMs);
      this.isReturned = true;
    }
  }
}
