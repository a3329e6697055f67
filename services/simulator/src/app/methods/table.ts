import { MEDIA_KINDS } from '../../domain/media.ts';
import { getChat, getChatMember, getFile, getMe } from './bot.ts';
import { answerCallbackQuery } from './callbacks.ts';
import { deleteMyCommands, getMyCommands, setMyCommands } from './commands.ts';
import { deleteMessage, deleteMessages, editMessageCaption, editMessageReplyMarkup, editMessageText } from './edit.ts';
import { getUpdates, waitForUpdates } from './get-updates.ts';
import { createInvoiceLink, sendInvoice } from './invoices.ts';
import { approveChatJoinRequest, declineChatJoinRequest } from './join-requests.ts';
import type { Call, Method } from './params.ts';
import { answerChatJoinRequestQuery, answerInlineQuery, answerPreCheckoutQuery, answerShippingQuery } from './queries.ts';
import { setMessageReaction } from './reactions.ts';
import { sendChatAction, sendLocation, sendMedia, sendMessage } from './send.ts';
import type { OnWebhookChange } from './webhooks.ts';
import { deleteWebhook, getWebhookInfo, setWebhook } from './webhooks.ts';

/** A method with the name Telegram writes; callers may write it in any case. */
export interface NamedMethod {
  name: string;
  run: Method;
  /** Waited for before `run`; `abort` makes a signal that is raised when the caller is gone. */
  ready?: (call: Call, abort: () => AbortSignal) => Promise<void>;
}

/** The methods that are built, by their name in lower case. */
export function methodTable(onWebhookChange: OnWebhookChange): ReadonlyMap<string, NamedMethod> {
  const methods: Record<string, Method> = {
    getMe, getChat, getChatMember, getFile,
    setWebhook: setWebhook(onWebhookChange), deleteWebhook: deleteWebhook(onWebhookChange), getWebhookInfo,
    setMyCommands, getMyCommands, deleteMyCommands,
    sendMessage, sendLocation, sendChatAction,
    editMessageText, editMessageCaption, editMessageReplyMarkup, deleteMessage, deleteMessages,
    answerCallbackQuery, answerPreCheckoutQuery, answerShippingQuery, answerInlineQuery, answerChatJoinRequestQuery,
    sendInvoice, createInvoiceLink, approveChatJoinRequest, declineChatJoinRequest, setMessageReaction,
  };
  for (const kind of MEDIA_KINDS) methods[`send${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`] = sendMedia(kind);
  const table = new Map<string, NamedMethod>(Object.entries(methods).map(([name, run]) => [name.toLowerCase(), { name, run }]));
  return table.set('getupdates', { name: 'getUpdates', run: getUpdates, ready: waitForUpdates });
}
