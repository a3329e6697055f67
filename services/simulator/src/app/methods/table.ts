import type { MediaKind } from '../../domain/media.ts';
import { MEDIA_KINDS } from '../../domain/media.ts';
import type { SchemaMethod } from '../../domain/schema.ts';
import { METHOD_NAMES, schemaMethod } from '../../domain/schema.ts';
import { sendMediaGroup, sendPaidMedia } from './albums.ts';
import { getMe } from './bot.ts';
import { answerCallbackQuery } from './callbacks.ts';
import { deleteChatPhoto, deleteChatStickerSet, getChat, pinChatMessage, setChatDescription, setChatPermissions, setChatPhoto, setChatStickerSet, setChatTitle, unpinAllChatMessages, unpinChatMessage } from './chat-settings.ts';
import { deleteMyCommands, getMyCommands, setMyCommands } from './commands.ts';
import { sendMessageDraft, sendRichMessage, sendRichMessageDraft } from './drafts.ts';
import { deleteMessage, deleteMessages, editMessageCaption, editMessageLiveLocation, editMessageMedia, editMessageReplyMarkup, editMessageText, stopMessageLiveLocation } from './edit.ts';
import { getFile } from './files.ts';
import { copyMessage, copyMessages, forwardMessage, forwardMessages } from './forwards.ts';
import { getGameHighScores, sendGame, setGameScore } from './games.ts';
import { getUpdates, waitForUpdates } from './get-updates.ts';
import { createChatInviteLink, createChatSubscriptionInviteLink, editChatInviteLink, editChatSubscriptionInviteLink, exportChatInviteLink, revokeChatInviteLink } from './invite-links.ts';
import { createInvoiceLink, sendInvoice } from './invoices.ts';
import { approveChatJoinRequest, declineChatJoinRequest } from './join-requests.ts';
import {
  banChatMember, banChatSenderChat, getChatAdministrators, getChatMember, getChatMemberCount, leaveChat, promoteChatMember, restrictChatMember,
  setChatAdministratorCustomTitle, setChatMemberTag, unbanChatMember, unbanChatSenderChat,
} from './members.ts';
import type { Call, Method } from './params.ts';
import { plausible } from './plausible.ts';
import { sendPoll, stopPoll } from './polls.ts';
import { getChatMenuButton, getMyDefaultAdministratorRights, getMyText, getUserProfilePhotos, removeMyProfilePhoto, setChatMenuButton, setMyDefaultAdministratorRights, setMyProfilePhoto, setMyText } from './profile.ts';
import { answerChatJoinRequestQuery, answerInlineQuery, answerPreCheckoutQuery, answerShippingQuery } from './queries.ts';
import { deleteAllMessageReactions, deleteMessageReaction, setMessageReaction } from './reactions.ts';
import { sendChatAction, sendContact, sendDice, sendLocation, sendMedia, sendMessage, sendVenue } from './send.ts';
import { editUserStarSubscription, getMyStarBalance, getStarTransactions, refundStarPayment } from './stars.ts';
import {
  addStickerToSet, createNewStickerSet, deleteStickerFromSet, deleteStickerSet, getStickerSet, replaceStickerInSet, setStickerEmojiList, setStickerKeywords, setStickerMaskPosition,
  setStickerPositionInSet, setStickerSetTitle, uploadStickerFile,
} from './stickers.ts';
import {
  closeForumTopic, closeGeneralForumTopic, createForumTopic, deleteForumTopic, editForumTopic, editGeneralForumTopic, getForumTopicIconStickers, hideGeneralForumTopic, reopenForumTopic,
  reopenGeneralForumTopic, unhideGeneralForumTopic, unpinAllForumTopicMessages, unpinAllGeneralForumTopicMessages,
} from './topics.ts';
import type { OnWebhookChange } from './webhooks.ts';
import { deleteWebhook, getWebhookInfo, setWebhook } from './webhooks.ts';

/** How much of a method is here: what it does can be seen, or only its answer looks right. */
export type Behaviour = 'real' | 'plausible';

/** A method with the name Telegram writes; callers may write it in any case. */
export interface NamedMethod {
  name: string;
  behaviour: Behaviour;
  /** What its parameters are checked against. */
  schema: SchemaMethod;
  run: Method;
  /** Waited for before `run`; `abort` makes a signal that is raised when the caller is gone. */
  ready?: (call: Call, abort: () => AbortSignal) => Promise<void>;
}

const sendName = (kind: MediaKind): string => `send${kind.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')}`;

/** Every method of the Bot API, by its name in lower case. */
export function methodTable(onWebhookChange: OnWebhookChange): ReadonlyMap<string, NamedMethod> {
  const real: Readonly<Record<string, Method>> = {
    getUpdates, setWebhook: setWebhook(onWebhookChange), deleteWebhook: deleteWebhook(onWebhookChange), getWebhookInfo, getMe, getFile,
    sendMessage, sendLocation, sendVenue, sendContact, sendDice, sendChatAction, sendMediaGroup, sendPaidMedia, sendPoll, stopPoll,
    ...Object.fromEntries(MEDIA_KINDS.map((kind) => [sendName(kind), sendMedia(kind)])),
    sendMessageDraft, sendRichMessage, sendRichMessageDraft, sendGame, setGameScore, getGameHighScores,
    forwardMessage, forwardMessages, copyMessage, copyMessages,
    editMessageText, editMessageCaption, editMessageMedia, editMessageReplyMarkup, editMessageLiveLocation, stopMessageLiveLocation, deleteMessage, deleteMessages,
    setMessageReaction, deleteMessageReaction, deleteAllMessageReactions,
    getChat, getChatAdministrators, getChatMemberCount, getChatMember, leaveChat,
    banChatMember, unbanChatMember, restrictChatMember, promoteChatMember, setChatAdministratorCustomTitle, setChatMemberTag, banChatSenderChat, unbanChatSenderChat,
    setChatTitle, setChatDescription, setChatPhoto, deleteChatPhoto, setChatPermissions, setChatStickerSet, deleteChatStickerSet, pinChatMessage, unpinChatMessage, unpinAllChatMessages,
    exportChatInviteLink, createChatInviteLink, editChatInviteLink, createChatSubscriptionInviteLink, editChatSubscriptionInviteLink, revokeChatInviteLink,
    approveChatJoinRequest, declineChatJoinRequest, answerChatJoinRequestQuery,
    createForumTopic, editForumTopic, closeForumTopic, reopenForumTopic, deleteForumTopic, unpinAllForumTopicMessages, getForumTopicIconStickers,
    editGeneralForumTopic, closeGeneralForumTopic, reopenGeneralForumTopic, hideGeneralForumTopic, unhideGeneralForumTopic, unpinAllGeneralForumTopicMessages,
    setMyCommands, getMyCommands, deleteMyCommands, setChatMenuButton, getChatMenuButton, setMyDefaultAdministratorRights, getMyDefaultAdministratorRights,
    setMyName: setMyText('name'), getMyName: getMyText('name'), setMyDescription: setMyText('description'), getMyDescription: getMyText('description'),
    setMyShortDescription: setMyText('short_description'), getMyShortDescription: getMyText('short_description'),
    setMyProfilePhoto, removeMyProfilePhoto, getUserProfilePhotos,
    answerCallbackQuery, answerInlineQuery, answerPreCheckoutQuery, answerShippingQuery,
    sendInvoice, createInvoiceLink, getMyStarBalance, getStarTransactions, refundStarPayment, editUserStarSubscription,
    getStickerSet, uploadStickerFile, createNewStickerSet, addStickerToSet, replaceStickerInSet, setStickerPositionInSet, deleteStickerFromSet, setStickerEmojiList, setStickerKeywords,
    setStickerMaskPosition, setStickerSetTitle, deleteStickerSet,
  };
  return new Map(METHOD_NAMES.map((name) => [name.toLowerCase(), namedMethod(name, real[name])]));
}

function namedMethod(name: string, run: Method | undefined): NamedMethod {
  return new LazyMethod(name, run);
}

/** Its line of the schema is read at the first call: 185 of them would delay the start. */
class LazyMethod implements NamedMethod {
  readonly behaviour: Behaviour;
  readonly ready?: NonNullable<NamedMethod['ready']>;
  private made: Method | undefined;

  constructor(
    readonly name: string,
    real: Method | undefined,
  ) {
    this.behaviour = real ? 'real' : 'plausible';
    this.made = real;
    if (name === 'getUpdates') this.ready = waitForUpdates;
  }

  get schema(): SchemaMethod {
    const schema = schemaMethod(this.name);
    if (!schema) throw new Error(`the schema has no method ${this.name}`);
    return schema;
  }

  readonly run: Method = (call) => (this.made ??= plausible(this.schema))(call);
}
