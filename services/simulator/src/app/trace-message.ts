import type { UpdateRecord } from '../domain/types.ts';
import type { BotAccount } from './bot-account.ts';
import type { CallRecord, DeliveryRecord } from './records.ts';
import { LOG_ENTRIES_PER_BOT_MAX } from '../limits.ts';

/** One update, how it was delivered, and what the bot then did in that chat. */
export interface TracedUpdate {
  update: UpdateRecord['update'];
  kind: string;
  time: number;
  pending: boolean;
  deliveries: DeliveryRecord[];
  calls: CallRecord[];
}

/** The story of one message, for the playground's drawer. */
export interface MessageTrace {
  /** Updates that are about this message, oldest first: its own, and presses on its buttons. */
  updates: TracedUpdate[];
  /** The call that sent the message; null for a person's message, or when it is too old. */
  sentBy: CallRecord | null;
  /** The update that the call probably answered. */
  answers: TracedUpdate | null;
}

/**
 * Tells what happened around a message. Telegram does not say which update a call answers, so a call counts towards
 * the newest update of its chat before it.
 */
export function traceMessage(account: BotAccount, chatId: number, messageId: number): MessageTrace {
  const ofChat = [...account.settled.values(), ...account.pending.values()]
    .filter((record) => record.chatId === chatId)
    .sort((a, b) => a.createdAtMs - b.createdAtMs || a.update.update_id - b.update.update_id);
  const calls = account.calls.after(0, LOG_ENTRIES_PER_BOT_MAX, (call) => call.chat_id === chatId);
  const trace = (record: UpdateRecord): TracedUpdate => {
    const next = ofChat[ofChat.indexOf(record) + 1];
    return {
      update: record.update, kind: record.kind, time: record.createdAtMs,
      pending: account.pending.has(record.update.update_id),
      deliveries: account.deliveries.after(0, LOG_ENTRIES_PER_BOT_MAX, (one) => one.update_id === record.update.update_id),
      calls: calls.filter((call) => call.time >= record.createdAtMs && (next === undefined || call.time < next.createdAtMs)),
    };
  };
  const sentBy = calls.find((call) => call.method.startsWith('send') && messageIdOf(call.response) === messageId) ?? null;
  const cause = sentBy && ofChat.findLast((record) => record.createdAtMs <= sentBy.time);
  return {
    updates: ofChat.filter((record) => record.messageId === messageId).map(trace),
    sentBy,
    answers: cause ? trace(cause) : null,
  };
}

function messageIdOf(response: unknown): number | undefined {
  return (response as { result?: { message_id?: number } } | null)?.result?.message_id;
}
