import { badRequest } from '../../domain/api-error.ts';
import type { ChatState } from '../../domain/types.ts';
import type { BotAccount } from '../bot-account.ts';
import type { Call } from './params.ts';

/** The topic that every forum has; its messages name no thread. */
export const GENERAL_THREAD = 1;
export const TOPIC_COLOR_DEFAULT = 7_322_096;

/** How the topic of a thread is found on its shelf. */
export const topicKey = (chatId: number, thread: number): string => `${chatId}:${thread}`;

/** Throws Telegram's refusal when a message cannot go to a thread of a forum. */
export function checkThread(call: Call, state: ChatState, thread: number | null): void {
  if (state.chat.is_forum !== true) return;
  const topic = call.account.kept('topic', topicKey(state.chat.id, thread ?? GENERAL_THREAD));
  if (!topic && thread !== null && thread !== GENERAL_THREAD) throw badRequest('message thread not found');
  if (topic?.isClosed && state.botStatus !== 'administrator' && state.botStatus !== 'creator') throw badRequest('TOPIC_CLOSED');
}

/** A person wrote in a thread that nobody created by name: now it is there. */
export function noteThread(account: BotAccount, state: ChatState, thread: unknown): void {
  if (state.chat.is_forum !== true || typeof thread !== 'number' || account.kept('topic', topicKey(state.chat.id, thread))) return;
  const topic = { chatId: state.chat.id, message_thread_id: thread, name: `Topic ${thread}`, icon_color: TOPIC_COLOR_DEFAULT, isClosed: false, isHidden: false };
  account.keep('topic', topicKey(state.chat.id, thread), topic);
}
