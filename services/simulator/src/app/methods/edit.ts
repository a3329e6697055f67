import { isDeepStrictEqual } from 'node:util';
import { badRequest } from '../../domain/api-error.ts';
import { MEDIA_KINDS } from '../../domain/media.ts';
import { richTextOf } from '../../domain/rich-message.ts';
import type { SimMessage } from '../../domain/types.ts';
import { removeMessage, replaceMessage } from '../post-message.ts';
import { mediaFields, readInputMedia } from './albums.ts';
import { asAnswer, readCaption, readInlineMarkup, readText } from './compose.ts';
import type { Call, Method, Reply } from './params.ts';
import { integer, isObject, json, text } from './params.ts';
import { hasRight } from './rights.ts';
import { liveDetails, readLocation } from './send.ts';
import { knownChat, messageToEdit, targetChat } from './targets.ts';

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message';

export const editMessageText: Method = (call) => {
  const message = toEdit(call);
  const rich = json(call, 'rich_message');
  if (isObject(rich)) return editRich(call, message, rich);
  const { text: words, entities } = readText(call);
  if (message.text === undefined && message['rich_message'] === undefined) throw badRequest('there is no text in the message to edit');
  const { entities: _, reply_markup: __, rich_message: ___, ...rest } = message;
  const preview = json(call, 'link_preview_options');
  return applyEdit(call, message, { ...rest, text: words, ...(entities.length > 0 && { entities }), ...(isObject(preview) && { link_preview_options: preview }) });
};

function editRich(call: Call, message: SimMessage, rich: Record<string, unknown>): Reply {
  const { blocks } = richTextOf(rich);
  if (blocks.length === 0) throw badRequest('message text is empty');
  const { text: _, entities: __, reply_markup: ___, ...rest } = message;
  return applyEdit(call, message, { ...rest, rich_message: { blocks } });
}

export const editMessageCaption: Method = (call) => {
  const message = toEdit(call);
  if (!MEDIA_KINDS.some((kind) => message[kind] !== undefined)) throw badRequest('there is no caption in the message to edit');
  const { caption: _, caption_entities: __, reply_markup: ___, ...rest } = message;
  return applyEdit(call, message, { ...rest, ...readCaption(call) });
};

export const editMessageMedia: Method = (call) => {
  const message = toEdit(call);
  if (message.text === undefined && !MEDIA_KINDS.some((kind) => message[kind] !== undefined)) throw badRequest("message can't be edited");
  const fields = mediaFields(call, readInputMedia(call));
  const gone: ReadonlySet<string> = new Set([...MEDIA_KINDS, 'text', 'entities', 'caption', 'caption_entities', 'has_media_spoiler', 'show_caption_above_media', 'reply_markup']);
  const rest = Object.fromEntries(Object.entries(message).filter(([field]) => !gone.has(field)));
  return applyEdit(call, message, { ...rest, ...fields });
};

export const editMessageReplyMarkup: Method = (call) => {
  const message = toEdit(call);
  const { reply_markup: _, ...rest } = message;
  return applyEdit(call, message, rest);
};

export const editMessageLiveLocation: Method = (call) => {
  const { message, location } = liveMessage(call, 'edited');
  const { reply_markup: _, ...rest } = message;
  const { live_period } = location;
  return applyEdit(call, message, { ...rest, location: { ...(live_period !== undefined && { live_period }), ...readLocation(call), ...liveDetails(call) } });
};

export const stopMessageLiveLocation: Method = (call) => {
  const { message, location } = liveMessage(call, 'stopped');
  const { reply_markup: _, ...rest } = message;
  const { live_period: __, heading: ___, proximity_alert_radius: ____, ...still } = location;
  return applyEdit(call, message, { ...rest, location: still });
};

function liveMessage(call: Call, word: string): { message: SimMessage; location: Record<string, unknown> } {
  const message = toEdit(call);
  const location = message['location'];
  if (!isObject(location)) throw badRequest('there is no location in the message to edit');
  const period = location['live_period'];
  const end = typeof period === 'number' ? (message.date + period) * 1_000 : 0;
  if (end <= call.nowMs) throw badRequest(`message can't be ${word}`);
  return { message, location };
}

/** The message that a call names by chat and id, or by the id that a result in inline mode got. */
function toEdit(call: Call): SimMessage {
  if (text(call, 'inline_message_id') === '') return messageToEdit(call, targetChat(call));
  const place = call.account.kept('inline_message', text(call, 'inline_message_id'));
  const message = place && call.account.message(place.chatId, place.messageId);
  if (!message) throw badRequest('MESSAGE_ID_INVALID');
  return message;
}

/** TypeScript cannot see that taking optional fields off a message leaves a message. */
type Edited = Omit<SimMessage, 'edit_date'>;

/** Puts the edited message in place of the old one, with the keyboard of the call. */
function applyEdit(call: Call, before: SimMessage, edited: Edited): Reply {
  const markup = readInlineMarkup(call);
  const { edit_date: _, ...compared } = before;
  const { edit_date: __, ...wanted } = { ...edited, ...(markup && { reply_markup: markup }) } as SimMessage;
  if (isDeepStrictEqual(compared, wanted)) throw badRequest(NOT_MODIFIED);
  const message = { ...wanted, edit_date: Math.floor(call.nowMs / 1000) } as SimMessage;
  replaceMessage(call.account, message, call.nowMs);
  return { result: text(call, 'inline_message_id') === '' ? asAnswer(message) : true };
}

/** A bot may delete in groups for this long what it sent itself. */
const DELETE_S_MAX = 48 * 3_600;

export const deleteMessage: Method = (call) => {
  const state = knownChat(call);
  const id = integer(call, 'message_id');
  if (id === null) throw badRequest('message identifier is not specified');
  const message = call.account.message(state.chat.id, id);
  if (!message) throw badRequest('message to delete not found');
  const own = message.from.id === call.account.bot.id;
  const isRecent = call.nowMs / 1_000 - message.date < DELETE_S_MAX;
  const may = hasRight(state, 'can_delete_messages') || (isRecent && (own || state.chat.type === 'private'));
  if (!may) throw badRequest("message can't be deleted");
  removeMessage(call.account, state.chat.id, id, call.nowMs);
  return { result: true };
};

export const deleteMessages: Method = (call) => {
  const state = knownChat(call);
  const ids = json(call, 'message_ids');
  if (!Array.isArray(ids) || ids.length < 1) throw badRequest('message identifiers are not specified');
  if (ids.length > 100) throw badRequest('too many message identifiers specified');
  for (const id of ids as unknown[]) {
    // Unknown ones are skipped, as Telegram does.
    if (call.account.message(state.chat.id, Number(id))) removeMessage(call.account, state.chat.id, Number(id), call.nowMs);
  }
  return { result: true };
};
