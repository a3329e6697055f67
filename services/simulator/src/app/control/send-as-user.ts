import { ControlError } from '../../domain/control-error.ts';
import { detectEntities } from '../../domain/detect-entities.ts';
import { MEDIA_DETAILS, MEDIA_KINDS, makeMedia } from '../../domain/media.ts';
import { isVisibleTo } from '../../domain/privacy.ts';
import type { SimMessage } from '../../domain/types.ts';
import type { BotAccount } from '../bot-account.ts';
import { noteThread } from '../methods/threads.ts';
import { postMessage, replaceMessage } from '../post-message.ts';
import { postUpdate } from '../post-update.ts';
import type { ChatRef, Person } from './people.ts';
import { chatOf, rememberUser } from './people.ts';

/** A message of a person; all other fields are Telegram's. */
export interface UserMessage {
  from: Person;
  chat?: ChatRef | undefined;
  [field: string]: unknown;
}

/** What became of it; without an update id the bot did not get to see it. */
export interface SentMessage {
  update_id: number | null;
  message_id: number;
  message: SimMessage;
}

/** Writes a message as a person and hands the bot its update. */
export function sendAsUser(account: BotAccount, input: UserMessage, nowMs: number): SentMessage {
  const { from, chat: chatRef, ...fields } = input;
  const user = rememberUser(account, from);
  const state = chatOf(account, user, chatRef);
  if (state.blocked) {
    throw new ControlError(409, `from: user ${user.id} has blocked the bot; POST /_sim/block with "blocked": false first`);
  }
  noteThread(account, state, fields['message_thread_id']);
  const content = withEntities(withMedia(account, withReply(account, state.chat.id, fields)));
  const message = {
    message_id: account.takeMessageId(), from: user, chat: state.chat, date: Math.floor(nowMs / 1000), ...content,
  } as SimMessage;
  postMessage(account, message, nowMs);
  const present = state.botStatus !== 'left' && state.botStatus !== 'kicked';
  const seen = present && isVisibleTo(account.bot, state, message);
  const kind = state.chat.type === 'channel' ? 'channel_post' : 'message';
  const update_id = seen ? postUpdate(account, kind, message, nowMs) : null;
  return { update_id, message_id: message.message_id, message };
}

type Fields = Record<string, unknown>;

/** `reply_to_message: {message_id}` is filled with the message it names. */
function withReply(account: BotAccount, chatId: number, fields: Fields): Fields {
  const reply = fields['reply_to_message'] as { message_id?: unknown } | undefined;
  if (typeof reply?.message_id !== 'number' || 'date' in reply) return fields;
  const message = account.message(chatId, reply.message_id);
  if (!message) throw new ControlError(404, `reply_to_message.message_id: chat ${chatId} has no message ${reply.message_id}`);
  const { reply_to_message: _, ...flat } = message;
  return { ...fields, reply_to_message: flat };
}

/** Files in short form, `{}` or {base64|url|file_id, file_name?, mime_type?}, take Telegram's shape. */
function withMedia(account: BotAccount, fields: Fields): Fields {
  let filled = fields;
  for (const kind of MEDIA_KINDS) {
    const given = fields[kind];
    if (typeof given !== 'object' || given === null || Array.isArray(given) || 'file_unique_id' in given) continue;
    const { base64, url, file_id, file_name, mime_type } = given as Record<string, string | undefined>;
    const bytes = url === undefined && file_id === undefined ? Buffer.from(base64 ?? GENERATED_FILE, 'base64') : undefined;
    const { fileId, fields: media } = makeMedia(kind, {
      ...(file_id !== undefined && { fileId: file_id }), ...(file_name !== undefined && { name: file_name }),
      ...(mime_type !== undefined && { mimeType: mime_type }), ...(bytes && { size: bytes.length }),
    });
    const named = { name: file_name ?? kind, mimeType: mime_type ?? (kind === 'photo' ? 'image/png' : '') };
    if (bytes) account.files.put(fileId, { ...named, bytes });
    else if (url !== undefined) account.files.put(fileId, { ...named, url });
    filled = { ...filled, ...media, [kind]: withSaid(media[kind], given) };
  }
  return filled;
}

/** A file with what a person's app says about it beside its name; a photo is a list of sizes. */
function withSaid(file: unknown, given: object): unknown {
  const said = Object.fromEntries(Object.entries(given).filter(([name]) => SAID.has(name)));
  return Array.isArray(file) ? file.map((size: object) => ({ ...size, ...said })) : { ...(file as object), ...said };
}

const SAID: ReadonlySet<string> = new Set([...MEDIA_DETAILS, 'emoji']);

/** A grey PNG of one pixel. */
const GENERATED_FILE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mOoqKj4DwAFRgKrL7kWxAAAAABJRU5ErkJggg==';

function withEntities(fields: Fields): Fields {
  const { text, caption } = fields;
  const found: Fields = {};
  if (typeof text === 'string' && fields['entities'] === undefined) {
    const entities = detectEntities(text);
    if (entities.length > 0) found['entities'] = entities;
  }
  if (typeof caption === 'string' && fields['caption_entities'] === undefined) {
    const entities = detectEntities(caption);
    if (entities.length > 0) found['caption_entities'] = entities;
  }
  return { ...fields, ...found };
}

/** A person edits a message of theirs. */
export interface UserEdit {
  from: Person;
  chat_id: number;
  message_id: number;
  text?: string | undefined;
  caption?: string | undefined;
}

/** Finds a message of a chat for a test, or says that there is none. */
export function findMessage(account: BotAccount, chatId: number, messageId: number): SimMessage {
  const message = account.message(chatId, messageId);
  if (!message) throw new ControlError(404, `message_id: chat ${chatId} has no message ${messageId}; see GET /_sim/chats/<token>/${chatId}/messages`);
  return message;
}

/** The message as it stands after a person's edit. */
function editedByUser(message: SimMessage, input: UserEdit, nowMs: number): SimMessage {
  if (message.from.id !== input.from.id) {
    throw new ControlError(409, `from: message ${message.message_id} was written by ${message.from.id}; only its author can edit it`);
  }
  const { entities: _, caption_entities: __, ...rest } = message;
  const change = input.text === undefined ? { caption: input.caption ?? '' } : { text: input.text };
  return withEntities({ ...rest, ...change, edit_date: Math.floor(nowMs / 1000) }) as unknown as SimMessage;
}

/** Edits as a person and hands the bot the update. */
export function editAsUser(account: BotAccount, input: UserEdit, nowMs: number): SentMessage {
  const message = editedByUser(findMessage(account, input.chat_id, input.message_id), input, nowMs);
  const state = account.chats.get(input.chat_id);
  replaceMessage(account, message, nowMs);
  const seen = state !== undefined && isVisibleTo(account.bot, state, message);
  const kind = message.chat.type === 'channel' ? 'edited_channel_post' : 'edited_message';
  return { update_id: seen ? postUpdate(account, kind, message, nowMs) : null, message_id: message.message_id, message };
}
