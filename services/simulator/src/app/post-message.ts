import type { SimMessage } from '../domain/types.ts';
import type { BotAccount } from './bot-account.ts';
import type { EventBody } from './records.ts';

/** Notes what happened in a chat and wakes those who watch it. */
export function emitEvent(account: BotAccount, chatId: number, body: EventBody, nowMs: number): void {
  account.events.add((seq) => ({ seq, time: nowMs, chat_id: chatId, ...body }));
  account.signals.notify(chatId);
  account.signals.notify('events');
}

/** Puts a new message into its chat, whoever wrote it. */
export function postMessage(account: BotAccount, message: SimMessage, nowMs: number): void {
  account.commit({ t: 'message', message });
  emitEvent(account, message.chat.id, { kind: 'message', message }, nowMs);
}

/** Replaces a message of a chat by its edited form. */
export function replaceMessage(account: BotAccount, message: SimMessage, nowMs: number): void {
  account.commit({ t: 'message', message });
  emitEvent(account, message.chat.id, { kind: 'edit', message }, nowMs);
}

/** Takes a message out of its chat. */
export function removeMessage(account: BotAccount, chatId: number, messageId: number, nowMs: number): void {
  account.commit({ t: 'delete', chatId, messageId });
  emitEvent(account, chatId, { kind: 'delete', message_id: messageId }, nowMs);
}
