import { isDeepStrictEqual } from 'node:util';
import { badRequest } from '../../domain/api-error.ts';
import type { SimMessage } from '../../domain/types.ts';
import { removeMessage, replaceMessage } from '../post-message.ts';
import { asAnswer, readCaption, readInlineMarkup, readText } from './compose.ts';
import type { Call, Method, Reply } from './params.ts';
import { integer, json } from './params.ts';
import { knownChat, messageToEdit, targetChat } from './targets.ts';

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message';

export const editMessageText: Method = (call) => {
  const message = messageToEdit(call, targetChat(call));
  const { text, entities } = readText(call);
  if (message.text === undefined) throw badRequest('there is no text in the message to edit');
  const { entities: _, reply_markup: __, ...rest } = message;
  const markup = readInlineMarkup(call);
  return applyEdit(call, message, { ...rest, text, ...(entities.length > 0 && { entities }), ...(markup && { reply_markup: markup }) });
};

export const editMessageCaption: Method = (call) => {
  const message = messageToEdit(call, targetChat(call));
  if (message.text !== undefined) throw badRequest('there is no caption in the message to edit');
  const { caption: _, caption_entities: __, reply_markup: ___, ...rest } = message;
  const markup = readInlineMarkup(call);
  return applyEdit(call, message, { ...rest, ...readCaption(call), ...(markup && { reply_markup: markup }) });
};

export const editMessageReplyMarkup: Method = (call) => {
  const message = messageToEdit(call, targetChat(call));
  const { reply_markup: _, ...rest } = message;
  const markup = readInlineMarkup(call);
  return applyEdit(call, message, { ...rest, ...(markup && { reply_markup: markup }) });
};

/** TypeScript cannot see that taking optional fields off a message leaves a message. */
type Edited = Omit<SimMessage, 'edit_date'>;

function applyEdit(call: Call, before: SimMessage, edited: Edited): Reply {
  const { edit_date: _, ...compared } = before;
  const { edit_date: __, ...wanted } = edited as SimMessage;
  if (isDeepStrictEqual(compared, wanted)) throw badRequest(NOT_MODIFIED);
  const message = { ...wanted, edit_date: Math.floor(call.nowMs / 1000) } as SimMessage;
  replaceMessage(call.account, message, call.nowMs);
  return { result: asAnswer(message) };
}

export const deleteMessage: Method = (call) => {
  const state = knownChat(call);
  const id = integer(call, 'message_id');
  if (id === null) throw badRequest('message identifier is not specified');
  const message = call.account.message(state.chat.id, id);
  if (!message) throw badRequest('message to delete not found');
  const own = message.from.id === call.account.bot.id;
  const rights = state.chat.type === 'private' || state.botStatus === 'administrator' || state.botStatus === 'creator';
  if (!own && !rights) throw badRequest("message can't be deleted");
  removeMessage(call.account, state.chat.id, id, call.nowMs);
  return { result: true };
};

export const deleteMessages: Method = (call) => {
  const state = knownChat(call);
  const ids = json(call, 'message_ids');
  if (!Array.isArray(ids) || ids.length < 1 || ids.length > 100) throw badRequest('message identifiers are not specified');
  for (const id of ids as unknown[]) {
    // Unknown ones are skipped, as Telegram does.
    if (typeof id === 'number' && call.account.message(state.chat.id, id)) removeMessage(call.account, state.chat.id, id, call.nowMs);
  }
  return { result: true };
};
