import type { User } from '@grammyjs/types';
import { ControlError } from '../../domain/control-error.ts';
import type { ChatState } from '../../domain/types.ts';
import type { BotAccount } from '../bot-account.ts';

/** A person as a test names one: the id is enough. */
export type Person = { id: number; [field: string]: unknown };

/** A chat as a test names one: its id, or Telegram's Chat. */
export type ChatRef = number | { id: number; [field: string]: unknown };

/** The person with what is known from before; new facts are remembered. */
export function rememberUser(account: BotAccount, person: Person): User {
  const known = account.users.get(person.id);
  const user = { is_bot: false, first_name: `User ${person.id}`, ...known, ...person };
  if (!known || JSON.stringify(known) !== JSON.stringify(user)) account.commit({ t: 'user', user });
  return user;
}

/** The private chat of a person with the bot; made when there is none. */
export function privateChat(account: BotAccount, user: User): ChatState {
  const known = account.chats.get(user.id);
  const { id, first_name, last_name, username } = user;
  const chat = {
    id, first_name, ...(last_name !== undefined && { last_name }), ...(username !== undefined && { username }), type: 'private' as const,
  };
  if (known && JSON.stringify(known.chat) === JSON.stringify(chat)) return known;
  const state: ChatState = { chat, blocked: known?.blocked ?? false, botStatus: 'member', members: [] };
  account.commit({ t: 'chat', state });
  return state;
}

/** The chat a person writes in; without one it is their private chat. */
export function chatOf(account: BotAccount, user: User, ref: ChatRef | undefined): ChatState {
  const id = typeof ref === 'object' ? ref.id : ref;
  if (id === undefined || id === user.id) return privateChat(account, user);
  const state = account.chats.get(id);
  if (state) return state;
  if (id > 0) throw new ControlError(400, `chat: ${id} is the private chat of somebody else; leave chat out or use from.id ${id}`);
  throw new ControlError(404, `chat: ${id} is not a chat of this bot; create it with POST /_sim/chats {"id": ${id}, "type": …, "bots": [{"token": …}]}`);
}
