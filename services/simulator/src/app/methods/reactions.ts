import { badRequest } from '../../domain/api-error.ts';
import { emitEvent } from '../post-message.ts';
import type { Method } from './params.ts';
import { integer, isObject, json } from './params.ts';
import { targetChat } from './targets.ts';

export const setMessageReaction: Method = (call) => {
  const state = targetChat(call);
  const id = integer(call, 'message_id');
  if (id === null || !call.account.message(state.chat.id, id)) throw badRequest('message to react not found');
  const reaction = json(call, 'reaction') ?? [];
  if (!Array.isArray(reaction) || !reaction.every((one) => isObject(one) && typeof one['type'] === 'string')) throw badRequest("can't parse reaction types JSON object");
  if (reaction.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  emitEvent(call.account, state.chat.id, { kind: 'reaction', message_id: id, from: call.account.self, reaction }, call.nowMs);
  return { result: true };
};
