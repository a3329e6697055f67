import type { ChatEvent, ChatView, Entity, GivenReaction, Message, ReplyMarkup } from './types.ts';

/** A message that was taken back stays as a line, so that a developer sees it happened. */
export type Entry = { kind: 'message'; message: Message } | { kind: 'deleted'; id: number };

export interface Draft {
  id: number;
  text: string;
  entities: Entity[];
}

export interface Conversation {
  entries: Entry[];
  /** There are older messages to load. */
  more: boolean;
  /** What the bot says it is doing; until when, in milliseconds since 1970. */
  action: { name: string; until: number } | null;
  /** What the bot is writing at the moment. */
  draft: Draft | null;
  /** By message id. */
  reactions: Readonly<Record<number, GivenReaction[]>>;
}

/** Telegram shows a chat action for this long. */
const ACTION_MS = 5_000;
/** Messages kept on the page while one reads at the end; older ones are loaded again when wanted. */
export const ENTRIES_MAX = 300;

export const idOf = (entry: Entry): number => (entry.kind === 'message' ? entry.message.message_id : entry.id);

export const NOTHING: Conversation = { entries: [], more: false, action: null, draft: null, reactions: {} };

export const startWith = (view: Pick<ChatView, 'messages' | 'more' | 'reactions'>): Conversation => ({
  ...NOTHING, entries: view.messages.map((message) => ({ kind: 'message', message })), more: view.more,
  reactions: Object.fromEntries(view.reactions.map(({ message_id, reactions }) => [message_id, reactions])),
});

/** An older page before what is there. */
export const prepend = (before: Conversation, page: { messages: Message[]; more: boolean }): Conversation => {
  const known = new Set(before.entries.map(idOf));
  const older = page.messages.filter(({ message_id }) => !known.has(message_id)).map((message): Entry => ({ kind: 'message', message }));
  return { ...before, entries: [...older, ...before.entries], more: page.more };
};

/** Forgets the oldest entries beyond ENTRIES_MAX. */
export const trim = (before: Conversation): Conversation =>
  before.entries.length <= ENTRIES_MAX ? before : { ...before, entries: before.entries.slice(-ENTRIES_MAX), more: true };

/** The conversation after one event. */
export function apply(before: Conversation, event: ChatEvent, nowMs: number): Conversation {
  switch (event.kind) {
    case 'message': {
      const entries = put(before.entries, event.message);
      return event.message.from.is_bot ? { ...before, entries, action: null, draft: null } : { ...before, entries };
    }
    case 'edit':
      return before.entries.some((entry) => idOf(entry) === event.message.message_id) ? { ...before, entries: put(before.entries, event.message) } : before;
    case 'delete':
      return { ...before, entries: before.entries.map((entry) => (idOf(entry) === event.message_id ? { kind: 'deleted', id: event.message_id } : entry)) };
    case 'chat_action':
      return { ...before, action: { name: event.action, until: nowMs + ACTION_MS } };
    case 'draft':
      return { ...before, draft: { id: event.draft_id, text: event.text, entities: event.entities ?? [] } };
    case 'reaction': {
      const others = (before.reactions[event.message_id] ?? []).filter(({ user_id }) => user_id !== event.from.id);
      const now = event.reaction.length === 0 ? others : [...others, { user_id: event.from.id, reaction: event.reaction }];
      return { ...before, reactions: { ...before.reactions, [event.message_id]: now } };
    }
    default:
      return before;
  }
}

function put(entries: Entry[], message: Message): Entry[] {
  const entry: Entry = { kind: 'message', message };
  const at = entries.findIndex((one) => idOf(one) === message.message_id);
  if (at >= 0) return entries.with(at, entry);
  const last = entries.at(-1);
  return last && idOf(last) > message.message_id ? [...entries, entry].sort((a, b) => idOf(a) - idOf(b)) : [...entries, entry];
}

/** Whether a keyboard or forced reply of a message is meant for this user: `selective` ones only for those they answer. */
function isFor(message: Message, userId: number): boolean {
  if (message.reply_markup?.selective !== true) return true;
  const mentioned = [...(message.entities ?? []), ...(message.caption_entities ?? [])].some((entity) => entity.user?.id === userId);
  return mentioned || message.reply_to_message?.from.id === userId;
}

/** The reply keyboard that is up now for a user: the newest the bot sent, unless it was used once or removed. */
export function keyboardOf(entries: readonly Entry[], userId: number): ReplyMarkup | null {
  let usedAfter = false;
  for (const entry of entries.toReversed()) {
    if (entry.kind === 'deleted') continue;
    const { from, reply_markup: markup } = entry.message;
    if (from.id === userId) usedAfter = true;
    if (!from.is_bot || !markup || !isFor(entry.message, userId)) continue;
    if (markup.remove_keyboard) return null;
    if (markup.keyboard) return markup.one_time_keyboard && usedAfter ? null : markup;
  }
  return null;
}

/** The message the bot wants an answer to, when this user has not written since. */
export function forcedReply(entries: readonly Entry[], userId: number): Message | null {
  for (const entry of entries.toReversed()) {
    if (entry.kind === 'deleted') continue;
    if (entry.message.from.id === userId) return null;
    if (entry.message.reply_markup?.force_reply && isFor(entry.message, userId)) return entry.message;
    if (entry.message.reply_markup?.keyboard) return null;
  }
  return null;
}

/** Entries in the shape they are shown: parts of an album together. */
export type Line = { kind: 'messages'; messages: [Message, ...Message[]]; isFirst: boolean } | { kind: 'deleted'; id: number } | { kind: 'day'; id: number; date: number };

const dayOf = (seconds: number): string => new Date(seconds * 1_000).toDateString();

/** Days, albums and who speaks: the lines of a conversation. */
export function linesOf(entries: readonly Entry[]): Line[] {
  const lines: Line[] = [];
  let before: Message | null = null;
  for (const entry of entries) {
    if (entry.kind === 'deleted') {
      lines.push({ kind: 'deleted', id: entry.id });
      before = null;
      continue;
    }
    const { message } = entry;
    // Somebody may have answered the first part before the last one came.
    const album = message.media_group_id === undefined ? undefined : lines.findLast((line) => line.kind === 'messages' && line.messages[0].media_group_id === message.media_group_id);
    if (album?.kind === 'messages') {
      album.messages.push(message);
      continue;
    }
    const isNewDay: boolean = before === null ? lines.length === 0 : dayOf(before.date) !== dayOf(message.date);
    if (isNewDay) lines.push({ kind: 'day', id: message.message_id, date: message.date });
    lines.push({ kind: 'messages', messages: [message], isFirst: isNewDay || before?.from.id !== message.from.id });
    before = message;
  }
  return lines;
}
