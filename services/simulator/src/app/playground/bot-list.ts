import type { SimMessage } from '../../domain/types.ts';
import type { BotAccount } from '../bot-account.ts';
import { profileText } from '../methods/profile.ts';
import type { Simulator } from '../simulator.ts';

/** A bot in the playground's list. */
export interface BotRow {
  username: string;
  name: string;
  /** Somebody takes its updates: a webhook, or getUpdates. */
  live: boolean;
  /** Updates that wait to be taken. */
  pending: number;
  /** The newest message of all its chats. */
  last: SimMessage | null;
}

/** All bots, those that were talked to last first. */
export function listBots(simulator: Simulator, nowMs: number): BotRow[] {
  return simulator.accounts.all().map((account) => rowOf(account, nowMs))
    .sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0) || a.username.localeCompare(b.username));
}

const rowOf = (account: BotAccount, nowMs: number): BotRow => ({
  username: account.bot.username, name: profileText(account, 'name', ''), live: account.isLive(nowMs), pending: account.pending.size, last: account.newestMessage(),
});
