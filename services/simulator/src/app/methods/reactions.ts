import type { User } from '@grammyjs/types';
import { badRequest } from '../../domain/api-error.ts';
import type { BotAccount } from '../bot-account.ts';
import { emitEvent } from '../post-message.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, isObject, json } from './params.ts';
import { hasRight } from './rights.ts';
import { knownChat, targetChat } from './targets.ts';

export const setMessageReaction: Method = (call) => {
  const state = targetChat(call);
  const id = integer(call, 'message_id');
  if (id === null || !call.account.message(state.chat.id, id)) throw badRequest('message to react not found');
  const reaction = json(call, 'reaction') ?? [];
  if (!Array.isArray(reaction) || !reaction.every((one) => isObject(one) && typeof one['type'] === 'string')) throw badRequest("can't parse reaction types JSON object");
  if (reaction.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  if (reaction.some((one) => isObject(one) && one['type'] === 'paid')) throw badRequest('REACTION_INVALID');
  react(call.account, { chatId: state.chat.id, messageId: id, from: call.account.self, reaction, isBig: flag(call, 'is_big') }, call.nowMs);
  return { result: true };
};

export const deleteMessageReaction: Method = (call) => {
  const state = moderated(call);
  const id = integer(call, 'message_id') ?? 0;
  if (!call.account.message(state.chat.id, id)) throw badRequest('message to react not found');
  dropOf(call, (key) => key === `${state.chat.id}:${id}:${actorOf(call)}`);
  return { result: true };
};

export const deleteAllMessageReactions: Method = (call) => {
  const state = moderated(call);
  dropOf(call, (key) => key.startsWith(`${state.chat.id}:`) && key.endsWith(`:${actorOf(call)}`));
  return { result: true };
};

/** Somebody's reactions to a message from now on. */
export interface Reaction {
  chatId: number;
  messageId: number;
  from: User;
  reaction: unknown[];
  isBig?: boolean;
}

/** Keeps and shows reactions; gives those from before. */
export function react(account: BotAccount, { chatId, messageId, from, reaction, isBig = false }: Reaction, nowMs: number): unknown[] {
  const key = `${chatId}:${messageId}:${from.id}`;
  const before = account.kept('reaction', key) ?? [];
  account.keep('reaction', key, reaction.length === 0 ? null : reaction);
  emitEvent(account, chatId, { kind: 'reaction', message_id: messageId, from, reaction, ...(isBig && { is_big: true }) }, nowMs);
  return before;
}

function moderated(call: Call): ReturnType<typeof knownChat> {
  const state = knownChat(call);
  if (!hasRight(state, 'can_delete_messages')) throw badRequest('not enough rights to delete reactions');
  return state;
}

function actorOf(call: Call): number {
  const id = integer(call, 'user_id') ?? integer(call, 'actor_chat_id');
  if (id === null) throw badRequest('exactly one of user_id and actor_chat_id must be specified');
  return id;
}

function dropOf(call: Call, fits: (key: string) => boolean): void {
  for (const key of [...call.account.shelf('reaction').keys()]) {
    if (!fits(key)) continue;
    const [chatId = 0, messageId = 0, userId = 0] = key.split(':').map(Number);
    const from = call.account.users.get(userId) ?? { id: userId, is_bot: false, first_name: `User ${userId}` };
    react(call.account, { chatId, messageId, from, reaction: [] }, call.nowMs);
  }
}
