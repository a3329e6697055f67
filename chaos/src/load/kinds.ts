import type { Random } from '../random.ts';

/** Kinds of updates that people cause, and Telegram's queue of each: it keeps the order within a queue of a chat, not across. */
export const QUEUES = {
  message: 'chat',
  edited_message: 'chat',
  callback_query: 'callback',
  message_reaction: 'reaction',
  my_chat_member: 'member',
} as const;

export type Kind = keyof typeof QUEUES;
export const KINDS = Object.keys(QUEUES) as Kind[];

/** Parts of the load. */
const SHARES: Readonly<Record<Kind, number>> = { message: 12, edited_message: 2, callback_query: 3, message_reaction: 2, my_chat_member: 1 };
const DRAWN_FROM: readonly Kind[] = KINDS.flatMap((kind) => Array.from({ length: SHARES[kind] }, () => kind));

/** The kind of the next update of a chat. */
export const pickKind = (random: Random): Kind => random.pick(DRAWN_FROM);
