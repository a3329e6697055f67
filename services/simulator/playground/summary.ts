import { priceOf } from './keyboards.ts';
import type { Message } from './types.ts';

const KINDS = [
  ['photo', 'Photo'], ['video', 'Video'], ['video_note', 'Video message'], ['animation', 'GIF'], ['sticker', 'Sticker'], ['audio', 'Audio'], ['voice', 'Voice message'], ['document', 'File'],
  ['venue', 'Venue'], ['location', 'Location'], ['contact', 'Contact'], ['poll', 'Poll'], ['dice', 'Dice'], ['invoice', 'Invoice'],
] as const;

/** What kind of message it is, where it is more than text. */
export const kindOf = (message: Message): string | undefined => KINDS.find(([field]) => message[field] !== undefined)?.[1];

/** One line about a message, for lists and quotes. */
export function summaryOf(message: Message): string {
  const text = message.text ?? message.caption;
  const kind = kindOf(message);
  if (message.poll) return `Poll: ${message.poll.question}`;
  if (message.sticker?.emoji !== undefined) return `${message.sticker.emoji} Sticker`;
  if (text !== undefined && text !== '') return kind === undefined ? text : `${kind}: ${text}`;
  return kind ?? serviceLine(message) ?? 'Message';
}

const namesOf = (users: readonly { first_name: string }[]): string => users.map((user) => user.first_name).join(', ');

/** The grey line for what happened in a chat that nobody wrote; undefined for a real message. */
export function serviceLine(message: Message): string | undefined {
  const { from } = message;
  if (message.new_chat_members) return message.new_chat_members.every(({ id }) => id === from.id) ? `${from.first_name} joined` : `${from.first_name} added ${namesOf(message.new_chat_members)}`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} left`;
  if (message.new_chat_title !== undefined) return `${from.first_name} named the group “${message.new_chat_title}”`;
  if (message.pinned_message) return `${from.first_name} pinned “${summaryOf(message.pinned_message)}”`;
  if (message.successful_payment) return `${from.first_name} paid ${priceOf(message.successful_payment)}`;
  return undefined;
}
