import type { HeadResult } from './run-update.ts';

/** Work of one chain, oldest first. `run` is called again and again until it is settled. Must not throw. */
export interface ChainItem {
  run(): Promise<HeadResult>;
}

export interface SchedulerLimits {
  runningMax: number;
  runningPerBotMax: number;
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
  chains: number;
  running: number;
  isInTurn: boolean;
}

/**
 * Runs chains: within a chain one after the other, over chains in parallel, over bots in turns, so that one bot's flood costs the
 * others nothing but its share. A chain that waits for its next try holds no place.
 */
export class FairScheduler {
  private readonly chains = new Map<string, Chain>();
  private readonly bots = new Map<string, Bot>();
  private readonly turns: Bot[] = [];
  private running = 0;

  constructor(private readonly limits: SchedulerLimits) {}

  /** Updates of a chain that are not settled. */
  chainLength(key: string): number {
    return this.chains.get(key)?.items.length ?? 0;
  }

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
      bot = { id, ready: [], chains: 0, running: 0, isInTurn: false };
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
    if (bot.isInTurn || bot.ready.length === 0 || bot.running >= this.limits.runningPerBotMax) return;
    bot.isInTurn = true;
    this.turns.push(bot);
  }

  private pump(): void {
    while (this.running < this.limits.runningMax) {
      const bot = this.turns.shift();
      if (bot === undefined) return;
      bot.isInTurn = false;
      const chain = bot.ready.shift();
      if (chain !== undefined && !chain.isDropped) this.start(chain);
      this.takeTurn(bot);
    }
  }

  private start(chain: Chain): void {
    const item = chain.items[0];
    if (item === undefined) return;
    this.running++;
    chain.bot.running++;
    void item.run().then((result) => {
      this.running--;
      chain.bot.running--;
      this.afterRun(chain, result);
      this.takeTurn(chain.bot);
      this.pump();
    });
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
