import { ControlError } from '../domain/control-error.ts';
import { FaultBook } from '../domain/faults.ts';
import { BOTS_MAX } from '../limits.ts';
import { BotAccount } from './bot-account.ts';
import type { Clock, Journal } from './ports.ts';

/** A bot to create; what is absent is made up. */
export interface NewBot {
  token?: string | undefined;
  username?: string | undefined;
  privacy?: boolean | undefined;
}

/** All bots of this simulator, each with a store of its own. */
export class Accounts {
  readonly faults = new FaultBook();
  /** Told about each new bot, before anything happens to it. */
  onCreate: (account: BotAccount) => void = () => undefined;

  private readonly byToken = new Map<string, BotAccount>();
  private readonly byUsername = new Map<string, BotAccount>();
  private readonly ids = new Set<number>();

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  find(token: string): BotAccount | undefined {
    return this.byToken.get(token);
  }

  findByUsername(username: string): BotAccount | undefined {
    return this.byUsername.get(username.toLowerCase());
  }

  /** The bot of a token, or a refusal that says how to make one. */
  get(token: string): BotAccount {
    const account = this.byToken.get(token);
    if (!account) throw new ControlError(404, 'token: no such bot; create it with POST /_sim/bots {"token": …}');
    return account;
  }

  all(): BotAccount[] {
    return [...this.byToken.values()];
  }

  /** Makes a bot; a token that is known already gives the bot it belongs to, unchanged. */
  create(wanted: NewBot): BotAccount {
    const known = wanted.token === undefined ? undefined : this.byToken.get(wanted.token);
    if (known) return known;
    if (this.byToken.size >= BOTS_MAX) throw new ControlError(409, `bots: there are ${BOTS_MAX} already; restart the simulator`);
    const id = this.freeId(wanted.token);
    const username = wanted.username ?? this.freeUsername(id);
    if (this.byUsername.has(username.toLowerCase())) {
      throw new ControlError(409, `username: ${username} belongs to another bot; choose another or leave it out`);
    }
    const token = wanted.token ?? `${id}:${randomSecret()}`;
    const bot = { token, id, username, firstName: nameOf(username), privacy: wanted.privacy ?? true };
    const account = new BotAccount(bot, this.journal, this.clock());
    this.adopt(account);
    account.commit({ t: 'bot', bot });
    return account;
  }

  /** Takes in a bot that was rebuilt from its journal. */
  adopt(account: BotAccount): void {
    this.byToken.set(account.token, account);
    this.byUsername.set(account.bot.username.toLowerCase(), account);
    this.ids.add(account.bot.id);
    this.onCreate(account);
  }

  private freeId(token: string | undefined): number {
    const named = /^(\d{1,15}):/.exec(token ?? '')?.[1];
    const id = Number(named);
    if (named !== undefined) {
      if (this.ids.has(id)) throw new ControlError(409, `token: bot ${id} has another token already; use another number before the colon`);
      return id;
    }
    for (;;) {
      const random = 7_000_000_000 + Math.floor(Math.random() * 1_000_000_000);
      if (!this.ids.has(random)) return random;
    }
  }

  private freeUsername(id: number): string {
    return this.byUsername.has(`sim_${id}_bot`) ? `sim_${id}_${Date.now()}_bot` : `sim_${id}_bot`;
  }
}

/** "coffee_club_bot" becomes "Coffee Club". */
function nameOf(username: string): string {
  const words = username.replace(/_?bot$/i, '').split('_').filter((word) => word !== '');
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' ') || username;
}

function randomSecret(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
  const bytes = crypto.getRandomValues(new Uint8Array(35));
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');
}
