import type { User } from '@grammyjs/types';
import type { ReplyMarkup } from '../domain/types.ts';
import type { BotAccount } from './bot-account.ts';
import { replaceMessage } from './post-message.ts';
import { postUpdate } from './post-update.ts';
import type { KeptPoll } from './shelves.ts';

type Poll = KeptPoll['poll'];

/** A poll as the bot and people see it after votes: counted anew, since a voter may change their mind. */
function counted({ poll, votes }: KeptPoll): Poll {
  const options = poll.options.map((option, index) => ({ ...option, voter_count: votes.filter(([, ids]) => ids.includes(index)).length }));
  return { ...poll, options, total_voter_count: votes.length };
}

/** Ends a poll: nobody votes any more, and the bot hears of the result. */
export function closePoll(account: BotAccount, kept: KeptPoll, markup: ReplyMarkup | undefined, nowMs: number): Poll {
  const poll = { ...kept.poll, is_closed: true };
  put(account, { ...kept, poll }, nowMs, markup ?? null);
  return poll;
}

/** Whether a poll with an end is over; it is closed then, as Telegram does by itself. */
export function closeIfOver(account: BotAccount, kept: KeptPoll, nowMs: number): boolean {
  const end = kept.poll['close_date'];
  if (kept.poll.is_closed) return true;
  if (typeof end !== 'number' || end * 1_000 > nowMs) return false;
  put(account, { ...kept, poll: { ...kept.poll, is_closed: true } }, nowMs);
  return true;
}

/** Somebody votes, or takes their vote back with no options. Bots hear who voted for what unless the poll is anonymous. */
export function vote(account: BotAccount, kept: KeptPoll, user: User, optionIds: number[], nowMs: number): number | null {
  const others = kept.votes.filter(([voter]) => voter.id !== user.id);
  const votes: KeptPoll['votes'] = optionIds.length === 0 ? others : [...others, [user, optionIds]];
  const after = { ...kept, votes };
  const poll = counted(after);
  put(account, { ...after, poll }, nowMs);
  if (poll.is_anonymous) return null;
  const option_persistent_ids = optionIds.map((id) => poll.options[id]?.persistent_id ?? String(id));
  return postUpdate(account, 'poll_answer', { poll_id: poll.id, user, option_ids: optionIds, option_persistent_ids }, nowMs);
}

/** `markup` null takes the keyboard off, as stopPoll does unless it brings one. */
function put(account: BotAccount, kept: KeptPoll, nowMs: number, markup?: ReplyMarkup | null): void {
  account.keep('poll', kept.poll.id, kept);
  const message = account.message(kept.chatId, kept.messageId);
  if (message) {
    const { reply_markup: before, ...rest } = message;
    const keyboard = markup === undefined ? before : (markup ?? undefined);
    replaceMessage(account, { ...rest, poll: kept.poll, ...(keyboard && { reply_markup: keyboard }) }, nowMs);
  }
  postUpdate(account, 'poll', kept.poll, nowMs);
}
