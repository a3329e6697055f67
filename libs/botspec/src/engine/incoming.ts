import type { Peer } from './stored-state.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/** What an update is to the core: a message of a person, a press, or nothing that counts. */
export type Incoming =
  | { kind: 'message'; updateId: number | undefined; message: JsonObject; peer: Peer; text: string | undefined; inputKind: string; isPrivate: boolean }
  | { kind: 'press'; updateId: number | undefined; queryId: string; data: string | undefined; message: JsonObject; peer: Peer; isPrivate: boolean }
  | { kind: 'ignored'; code: string };

/** Contents a person sends; a message with none of them is a service message. */
const CONTENTS = ['text', 'animation', 'audio', 'document', 'paid_media', 'photo', 'sticker', 'story', 'video', 'video_note', 'voice', 'checklist', 'contact', 'dice', 'game', 'poll', 'venue', 'location'];

export function readUpdate(update: unknown): Incoming {
  if (!isObject(update)) return { kind: 'ignored', code: 'bad_update' };
  const updateId = typeof update['update_id'] === 'number' ? update['update_id'] : undefined;
  if (isObject(update['message'])) return readMessage(update['message'], updateId);
  if (isObject(update['callback_query'])) return readPress(update['callback_query'], updateId);
  return { kind: 'ignored', code: 'unsupported_update' };
}

function readMessage(message: JsonObject, updateId: number | undefined): Incoming {
  const { chat, from } = message;
  if (!isChat(chat)) return { kind: 'ignored', code: 'bad_update' };
  if (!isObject(from) || message['sender_chat'] !== undefined) return { kind: 'ignored', code: 'anonymous_sender' };
  if (from['is_bot'] === true) return { kind: 'ignored', code: 'from_bot' };
  const inputKind = CONTENTS.find((content) => message[content] !== undefined);
  if (inputKind === undefined) return { kind: 'ignored', code: 'service_message' };
  const text = typeof message['text'] === 'string' ? message['text'] : undefined;
  return { kind: 'message', updateId, message, peer: peerOf(chat, from, message), text, inputKind, isPrivate: chat['type'] === 'private' };
}

function readPress(query: JsonObject, updateId: number | undefined): Incoming {
  const { id, from, message, data } = query;
  if (typeof id !== 'string' || !isObject(from)) return { kind: 'ignored', code: 'bad_update' };
  if (!isObject(message) || !isChat(message['chat'])) return { kind: 'ignored', code: 'inline_message' };
  const peer = peerOf(message['chat'], from, message);
  return { kind: 'press', updateId, queryId: id, data: typeof data === 'string' ? data : undefined, message, peer, isPrivate: message['chat']['type'] === 'private' };
}

function isChat(chat: unknown): chat is JsonObject {
  return isObject(chat) && typeof chat['id'] === 'number';
}

function peerOf(chat: JsonObject, user: JsonObject, message: JsonObject): Peer {
  const threadId = message['is_topic_message'] === true ? message['message_thread_id'] : undefined;
  return { chat, user, ...(typeof threadId === 'number' ? { threadId } : {}) };
}

export interface CommandCall {
  name: string;
  /** Username after @, in lower case. */
  at: string | undefined;
  args: string;
}

/** `/cmd@me args`, at the start of a text. */
export function readCommand(text: string | undefined): CommandCall | undefined {
  const match = /^\/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?=\s|$)\s*([^]*)$/.exec(text ?? '');
  return match ? { name: (match[1] ?? '').toLowerCase(), at: match[2]?.toLowerCase(), args: (match[3] ?? '').trim() } : undefined;
}

/** Whether a message of a group is for the bot: a reply to it, or a mention. */
export function isAddressed(message: JsonObject, bot: { id: number; username: string }): boolean {
  const replied = message['reply_to_message'];
  if (isObject(replied) && isObject(replied['from']) && replied['from']['id'] === bot.id) return true;
  const text = [message['text'], message['caption']].find((part) => typeof part === 'string') ?? '';
  const mention = `@${bot.username}`.toLowerCase();
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(mention); bot.username !== '' && at !== -1; at = lower.indexOf(mention, at + 1)) {
    if (!/[a-z0-9_]/.test(lower[at - 1] ?? '') && !/[a-z0-9_]/.test(lower[at + mention.length] ?? '')) return true;
  }
  return false;
}
