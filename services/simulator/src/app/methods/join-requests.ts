import { badRequest } from '../../domain/api-error.ts';
import { admit } from '../control/groups.ts';
import type { Call, Method } from './params.ts';
import { integer } from './params.ts';
import { knownChat } from './targets.ts';

export const approveChatJoinRequest: Method = (call) => {
  const { state, user } = takeRequest(call);
  admit(call.account, state, user, call.nowMs);
  return { result: true };
};

export const declineChatJoinRequest: Method = (call) => {
  takeRequest(call);
  return { result: true };
};

function takeRequest(call: Call) {
  const { account } = call;
  const state = knownChat(call);
  if (state.botStatus !== 'administrator' && state.botStatus !== 'creator') throw badRequest('CHAT_ADMIN_REQUIRED');
  const userId = integer(call, 'user_id');
  const user = userId === null ? undefined : account.kept('join_request', `${state.chat.id}:${userId}`);
  if (!user) throw badRequest('HIDE_REQUESTER_MISSING');
  account.keep('join_request', `${state.chat.id}:${user.id}`, null);
  return { state, user };
}
