import type { ChatEvent, Message, ReplyMarkup } from './types.ts';

/** A message that the bot took back stays as a line, so that a developer sees it happened. */
export type Entry = { kind: 'message'; message: Message } | { kind: 'deleted'; id: number };

export interface Conversation {
  entries: Entry[];
  /** What the bot says it is doing; until when, in milliseconds since 1970. */
  action: { name: string; until: number } | null;
}

/** Telegram shows a chat action for this long. */
const ACTION_MS = 5_000;

export const idOf = (entry: Entry): number => (entry.kind === 'message' ? entry.message.message_id : entry.id);

export const startWith = (messages: Message[]): Conversation => ({
  entries: messages.map((message) => ({ kind: 'message', message })),
  action: null,
});

/** The conversation after one event. */
export function apply(before: Conversation, event: ChatEvent, now: number): Conversation {
  switch (event.kind) {
    case 'message':
      return { entries: put(before.entries, event.message), action: event.message.from.is_bot ? null : before.action };
    case 'edit':
      return { ...before, entries: put(before.entries, event.message) };
    case 'delete':
      return {
        ...before,
        entries: before.entries.map((entry) => (idOf(entry) === event.message_id ? { kind: 'deleted', id: event.message_id } : entry)),
      };
    case 'chat_action':
      return { ...before, action: { name: event.action, until: now + ACTION_MS } };
    default:
      return before;
  }
}

function put(entries: Entry[], message: Message): Entry[] {
  const entry: Entry = { kind: 'message', message };
  const at = entries.findIndex((one) => idOf(one) === message.message_id);
  if (at >= 0) return entries.with(at, entry);
  return [...entries, entry].sort((a, b) => idOf(a) - idOf(b));
}

/** The reply keyboard that is up now: the newest the bot sent, unless it was used once or removed. */
export function keyboardOf(entries: readonly Entry[]): ReplyMarkup | null {
  let usedAfter = false;
  for (const entry of entries.toReversed()) {
    if (entry.kind === 'deleted') continue;
    const { from, reply_markup: markup } = entry.message;
    if (!from.is_bot) usedAfter = true;
    else if (markup?.remove_keyboard) return null;
    else if (markup?.keyboard) return markup.one_time_keyboard && usedAfter ? null : markup;
  }
  return null;
}

/** The message the bot wants an answer to, when it is the last one. */
export function forcedReply(entries: readonly Entry[]): Message | null {
  const last = entries.at(-1);
  return last?.kind === 'message' && last.message.reply_markup?.force_reply ? last.message : null;
}
