import { badRequest, forbidden } from '../../domain/api-error.ts';
import type { ChatState, SimMessage } from '../../domain/types.ts';
import type { Call } from './params.ts';
import { integer, text, toInteger } from './params.ts';

/** The chat a call is for, or Telegram's refusal: unknown, blocked by its user, bot not in it. */
export function targetChat(call: Call): ChatState {
  const state = knownChat(call);
  const { type } = state.chat;
  if (state.blocked) throw forbidden('bot was blocked by the user');
  if (type === 'private') return state;
  if (state.botStatus === 'kicked') throw forbidden(`bot was kicked from the ${type} chat`);
  if (state.botStatus === 'left') throw forbidden(`bot is not a member of the ${type} chat`);
  return state;
}

/** The chat a call names, whether or not the bot may write there. */
export function knownChat(call: Call): ChatState {
  const value = call.params['chat_id'];
  if (value === undefined || value === null || value === '') throw badRequest('chat_id is empty');
  const id = toInteger(value);
  const state = id === null ? byUsername(call, text(call, 'chat_id')) : call.account.chats.get(id);
  if (!state) throw badRequest('chat not found');
  return state;
}

function byUsername(call: Call, name: string): ChatState | undefined {
  if (!name.startsWith('@')) return undefined;
  const wanted = name.slice(1).toLowerCase();
  for (const state of call.account.chats.values()) {
    if (state.chat.type !== 'private' && state.chat.username?.toLowerCase() === wanted) return state;
  }
  return undefined;
}

/** The chat id for the record of calls and for faults: also when the call will be refused. */
export function chatIdOfCall(call: Call): number | null {
  const queryId = text(call, 'callback_query_id');
  if (queryId !== '') return call.account.queries.get(queryId)?.chatId ?? null;
  return integer(call, 'chat_id') ?? byUsername(call, text(call, 'chat_id'))?.chat.id ?? null;
}

/** The bot's own message that a call edits. */
export function messageToEdit(call: Call, state: ChatState): SimMessage {
  const id = integer(call, 'message_id');
  if (id === null) throw badRequest('message identifier is not specified');
  const message = call.account.message(state.chat.id, id);
  if (!message) throw badRequest('message to edit not found');
  if (message.from.id !== call.account.bot.id) throw badRequest("message can't be edited");
  return message;
}
