import { ControlError } from '../../domain/control-error.ts';
import type { BotAccount } from '../bot-account.ts';
import { postUpdate } from '../post-update.ts';
import type { ChatRef, Person } from './people.ts';
import { privateChat, rememberUser } from './people.ts';

/** A person asks to join a group; with `query` the bot is asked to decide at once. */
export interface JoinRequest {
  from: Person;
  chat: ChatRef;
  query?: boolean | undefined;
}

export interface Requested {
  /** Null: the bot is no administrator there, or did not ask for join requests. */
  update_id: number | null;
  query_id?: string;
}

/** Asks to join as a person. */
export function requestToJoin(account: BotAccount, input: JoinRequest, nowMs: number): Requested {
  const chatId = typeof input.chat === 'object' ? input.chat.id : input.chat;
  const state = account.chats.get(chatId);
  if (!state || state.chat.type === 'private') throw new ControlError(404, `chat: ${chatId} is not a group of this bot; create it with POST /_sim/chats`);
  const user = rememberUser(account, input.from);
  if (state.members.some((member) => member.user.id === user.id)) throw new ControlError(409, `from: user ${user.id} is in chat ${chatId} already`);
  account.keep('join_request', `${chatId}:${user.id}`, user);
  if (state.botStatus !== 'administrator' && state.botStatus !== 'creator') return { update_id: null };
  // For a few minutes the bot may write to somebody who wants to join.
  privateChat(account, user);
  const query_id = input.query === true ? crypto.randomUUID().replaceAll('-', '') : undefined;
  const body = { chat: state.chat, from: user, user_chat_id: user.id, date: Math.floor(nowMs / 1000), ...(query_id !== undefined && { query_id }) };
  return { update_id: postUpdate(account, 'chat_join_request', body, nowMs), ...(query_id !== undefined && { query_id }) };
}
