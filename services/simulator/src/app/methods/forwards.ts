import { badRequest } from '../../domain/api-error.ts';
import type { ChatState, SimMessage } from '../../domain/types.ts';
import { readCaption, sendContent } from './compose.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, json } from './params.ts';
import { knownChat } from './targets.ts';

const BATCH_MAX = 100;

/** What belongs to a message's place and time, not to its content. */
const PLACE_FIELDS = [
  'message_id', 'from', 'sender_chat', 'chat', 'date', 'edit_date', 'message_thread_id', 'is_topic_message', 'reply_to_message', 'reply_markup', 'forward_origin',
  'has_protected_content', 'external_reply', 'quote', 'via_bot', 'inline_message_id', 'author_signature', 'effect_id', 'pinned_message',
] as const;

/** Fields with which Telegram itself speaks; such messages are neither forwarded nor copied. */
const SERVICE = /^(new_chat_|left_chat_|forum_topic_|general_forum_topic_|video_chat_|successful_payment$|pinned_message$|delete_chat_photo$|.*_chat_created$|invoice$)/;

export const forwardMessage: Method = (call) => {
  const message = original(call, integer(call, 'message_id'), 'message to forward not found');
  checkMovable(message, 'forwarded');
  return { result: forward(call, message) };
};

export const forwardMessages: Method = (call) => ({ result: many(call, (message) => { checkMovable(message, 'forwarded'); return forward(call, message); }) });

export const copyMessage: Method = (call) => {
  const message = original(call, integer(call, 'message_id'), 'message to copy not found');
  checkMovable(message, 'copied');
  const caption = call.params['caption'] === undefined ? {} : readCaption(call);
  return { result: { message_id: copy(call, message, call.params['caption'] === undefined ? null : caption).message_id } };
};

export const copyMessages: Method = (call) => ({
  result: many(call, (message) => { checkMovable(message, 'copied'); return copy(call, message, flag(call, 'remove_caption') ? {} : null); }),
});

/** Messages in the order of their ids; those that cannot be found or moved are left out, as Telegram does. */
function many(call: Call, move: (message: SimMessage) => SimMessage): { message_id: number }[] {
  const ids = json(call, 'message_ids');
  if (!Array.isArray(ids) || ids.length === 0) throw badRequest('message identifiers are not specified');
  if (ids.length > BATCH_MAX) throw badRequest('too many message identifiers specified');
  const from = fromChat(call);
  const found = ids.flatMap((id: unknown) => call.account.message(from.chat.id, Number(id)) ?? []).filter(isMovable);
  if (found.length === 0) throw badRequest('there are no messages to forward');
  return found.map((message) => ({ message_id: move(message).message_id }));
}

function fromChat(call: Call): ChatState {
  return knownChat({ ...call, params: { chat_id: call.params['from_chat_id'] } });
}

function original(call: Call, id: number | null, words: string): SimMessage {
  const message = id === null ? undefined : call.account.message(fromChat(call).chat.id, id);
  if (!message) throw badRequest(words);
  return message;
}

const isMovable = (message: SimMessage): boolean => message['has_protected_content'] !== true && !Object.keys(message).some((field) => SERVICE.test(field));

function checkMovable(message: SimMessage, word: 'forwarded' | 'copied'): void {
  if (!isMovable(message)) throw badRequest(`the message can't be ${word}`);
}

function contentOf(message: SimMessage): Partial<SimMessage> {
  const placed: ReadonlySet<string> = new Set(PLACE_FIELDS);
  return Object.fromEntries(Object.entries(message).filter(([field]) => !placed.has(field)));
}

function forward(call: Call, message: SimMessage): SimMessage {
  return sendContent(call, () => ({ ...contentOf(message), forward_origin: message['forward_origin'] ?? originOf(message) }), { withMarkup: false });
}

function originOf({ chat, from, date, message_id }: SimMessage): Record<string, unknown> {
  return chat.type === 'channel' ? { type: 'channel', date, chat, message_id } : { type: 'user', date, sender_user: from };
}

/** A copy looks as if the bot had written it; `caption` replaces that of a file, `null` keeps it. */
function copy(call: Call, message: SimMessage, caption: Partial<SimMessage> | null): SimMessage {
  const { caption: _, caption_entities: __, media_group_id: ___, ...content } = contentOf(message);
  const kept = { ...(message.caption !== undefined && { caption: message.caption }), ...(message.caption_entities && { caption_entities: message.caption_entities }) };
  return sendContent(call, () => ({ ...content, ...(message.text === undefined ? (caption ?? kept) : {}) }));
}
