import type { User } from '@grammyjs/types';
import type { SimChat, SimMessage, UpdateRecord } from '../../domain/types.ts';
import { LOG_ENTRIES_PER_BOT_MAX } from '../../limits.ts';
import type { BotAccount } from '../bot-account.ts';
import type { CallRecord } from '../records.ts';

/** One thing that happened in a conversation. `time` is milliseconds since 1970. */
export type TranscriptEntry = { time: number } & (
  | { kind: 'said'; message: SimMessage }
  | { kind: 'edited'; message: SimMessage }
  /** A message of the bot: as people saw it, and the parameters that the bot gave while they are still known. An answer came while the bot had an update of the chat in hand. */
  | { kind: 'sent'; message: SimMessage; method: string | null; params: Record<string, unknown> | null; isAnswer: boolean }
  | { kind: 'pressed'; from: User; label: string; data: string; message_id: number }
  | { kind: 'answered'; text: string; show_alert: boolean }
);

export interface Transcript {
  bot: { id: number; username: string };
  chat: SimChat;
  entries: TranscriptEntry[];
  /** The beginning is not kept any more, so this is only its end. */
  truncated: boolean;
}

interface PressUpdate {
  from: User;
  data: string;
  message: SimMessage;
}

/** A conversation as it went, edits not applied to what was said before them. */
export function transcriptOf(account: BotAccount, chatId: number): Transcript {
  const calls = sendingCalls(account, chatId);
  const updates = [...account.settled.values(), ...account.pending.values()].filter((record) => record.chatId === chatId);
  const isAnswer = (atMs: number): boolean => updates.some(({ createdAtMs, settledAtMs = Number.POSITIVE_INFINITY }) => createdAtMs <= atMs && atMs <= settledAtMs);
  const events = account.events.after(0, LOG_ENTRIES_PER_BOT_MAX, (event) => event.chat_id === chatId);
  const entries: TranscriptEntry[] = pressesOf(updates);
  let first = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const { time } = event;
    if (event.kind === 'callback_answer') entries.push({ time, kind: 'answered', text: event.text, show_alert: event.show_alert });
    if (event.kind === 'edit' && !event.message.from.is_bot) entries.push({ time, kind: 'edited', message: event.message });
    if (event.kind !== 'message') continue;
    const { message } = event;
    first = Math.min(first, message.message_id);
    if (!message.from.is_bot) entries.push({ time, kind: 'said', message });
    else {
      const call = calls.get(message.message_id);
      entries.push({ time, kind: 'sent', message, method: call?.method ?? null, params: call?.params ?? null, isAnswer: isAnswer(time) });
    }
  }
  // A press of the same millisecond came before what it caused; the sort keeps the order of all others.
  const order = (entry: TranscriptEntry): number => (entry.kind === 'pressed' ? 0 : 1);
  entries.sort((a, b) => a.time - b.time || order(a) - order(b));
  const oldest = account.messagesAfter(chatId, 0)[0];
  const chat = account.chats.get(chatId)?.chat ?? { id: chatId, type: 'private' };
  return { bot: { id: account.bot.id, username: account.bot.username }, chat, entries, truncated: oldest !== undefined && oldest.message_id < first };
}

function pressesOf(updates: readonly UpdateRecord[]): TranscriptEntry[] {
  return updates.filter(({ kind }) => kind === 'callback_query').map(({ update, createdAtMs }) => {
    const { from, data, message } = update['callback_query'] as PressUpdate;
    const label = message.reply_markup?.inline_keyboard?.flat().find((button) => button.callback_data === data)?.text ?? data;
    return { time: createdAtMs, kind: 'pressed', from, label, data, message_id: message.message_id };
  });
}

/** The calls that sent messages, by the message they made; an album is one call with many. */
function sendingCalls(account: BotAccount, chatId: number): Map<number, CallRecord> {
  const found = new Map<number, CallRecord>();
  for (const call of account.calls.after(0, LOG_ENTRIES_PER_BOT_MAX, (one) => one.chat_id === chatId && one.method.toLowerCase().startsWith('send'))) {
    const result = (call.response as { result?: unknown } | null)?.result;
    for (const one of Array.isArray(result) ? result : [result]) {
      const id = (one as { message_id?: number } | undefined)?.message_id;
      if (id !== undefined) found.set(id, call);
    }
  }
  return found;
}
