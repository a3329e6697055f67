import type { BotAccount } from '../bot-account.ts';
import { react } from '../methods/reactions.ts';
import { postUpdate } from '../post-update.ts';
import type { Person } from './people.ts';
import { rememberUser } from './people.ts';
import { findMessage } from './send-as-user.ts';

/** A person's reactions to a message; an empty list takes them back. */
export interface UserReaction {
  from: Person;
  chat_id: number;
  message_id: number;
  reaction: unknown[];
}

/** Reacts as a person; the update id is null when the bot did not ask for reactions. */
export function reactAsUser(account: BotAccount, input: UserReaction, nowMs: number): number | null {
  const message = findMessage(account, input.chat_id, input.message_id);
  const user = rememberUser(account, input.from);
  const before = react(account, { chatId: input.chat_id, messageId: input.message_id, from: user, reaction: input.reaction }, nowMs);
  return postUpdate(account, 'message_reaction', {
    chat: message.chat, message_id: input.message_id, user, date: Math.floor(nowMs / 1000), old_reaction: before, new_reaction: input.reaction,
  }, nowMs);
}
