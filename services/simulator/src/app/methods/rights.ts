import { badRequest } from '../../domain/api-error.ts';
import type { AdminRight } from '../../domain/chat-member.ts';
import type { ChatState } from '../../domain/types.ts';
import type { Call } from './params.ts';
import { knownChat } from './targets.ts';

/** Whether the bot administers the chat with this right. */
export function hasRight(state: ChatState, right: AdminRight): boolean {
  if (state.botStatus === 'creator') return true;
  return state.botStatus === 'administrator' && (state.botDetails?.[right] ?? true) !== false;
}

/** Throws Telegram's 400 with these words unless the bot has the right. */
export function requireRight(state: ChatState, right: AdminRight, words: string): void {
  if (!hasRight(state, right)) throw badRequest(words);
}

/** The group or channel a call is about; `words` is what Telegram says when it is a private chat. */
export function groupOf(call: Call, words: string): ChatState {
  const state = knownChat(call);
  if (state.chat.type === 'private') throw badRequest(words);
  return state;
}

/** Changes a chat as the bot sees it and keeps that. */
export function changeChat(call: Call, state: ChatState, change: Partial<ChatState>): ChatState {
  const after = { ...state, ...change };
  call.account.commit({ t: 'chat', state: after });
  return after;
}

/** Changes further fields of the chat that getChat shows; undefined takes one away. */
export function changeFull(call: Call, state: ChatState, fields: Record<string, unknown>): ChatState {
  const full = Object.fromEntries(Object.entries({ ...state.full, ...fields }).filter(([, value]) => value !== undefined));
  return changeChat(call, state, { full });
}
