import { MEDIA_KINDS } from '../../domain/media.ts';
import { getChat, getChatMember, getFile, getMe } from './bot.ts';
import { answerCallbackQuery } from './callbacks.ts';
import { deleteMyCommands, getMyCommands, setMyCommands } from './commands.ts';
import { deleteMessage, deleteMessages, editMessageCaption, editMessageReplyMarkup, editMessageText } from './edit.ts';
import type { Method } from './params.ts';
import { sendChatAction, sendLocation, sendMedia, sendMessage } from './send.ts';
import type { OnWebhookChange } from './webhooks.ts';
import { deleteWebhook, getWebhookInfo, setWebhook } from './webhooks.ts';

/** A method with the name Telegram writes; callers may write it in any case. */
export interface NamedMethod {
  name: string;
  run: Method;
}

/** The methods that are built, by their name in lower case. */
export function methodTable(onWebhookChange: OnWebhookChange): ReadonlyMap<string, NamedMethod> {
  const methods: Record<string, Method> = {
    getMe, getChat, getChatMember, getFile,
    setWebhook: setWebhook(onWebhookChange), deleteWebhook: deleteWebhook(onWebhookChange), getWebhookInfo,
    setMyCommands, getMyCommands, deleteMyCommands,
    sendMessage, sendLocation, sendChatAction,
    editMessageText, editMessageCaption, editMessageReplyMarkup, deleteMessage, deleteMessages,
    answerCallbackQuery,
  };
  for (const kind of MEDIA_KINDS) methods[`send${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`] = sendMedia(kind);
  return new Map(Object.entries(methods).map(([name, run]) => [name.toLowerCase(), { name, run }]));
}
