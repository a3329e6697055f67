import type { Message } from './types.ts';

const PREFIX = 'playground.read.';

/** A message's place in time: edits count as something new, as ids alone do not tell chats of one bot apart. */
const markOf = (message: Message): string => `${message.edit_date ?? message.date}.${message.chat.id}.${message.message_id}`;

/** Notes that somebody has seen a list up to its newest message; kept in this browser. */
export function markRead(key: string, last: Message | null): void {
  if (last && localStorage.getItem(PREFIX + key) !== markOf(last)) localStorage.setItem(PREFIX + key, markOf(last));
}

/** Whether something of the bot came since; what a person wrote is not news. */
export function isUnread(key: string, last: Message | null): boolean {
  if (!last || !last.from.is_bot) return false;
  return localStorage.getItem(PREFIX + key) !== markOf(last);
}
