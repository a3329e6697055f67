import type { BotCommand, MessageEntity, User } from '@grammyjs/types';

/** Objects of the Bot API travel as Telegram spells them; what we do not read passes through. */
export interface SimChat {
  id: number;
  type: 'private' | 'group' | 'supergroup' | 'channel';
  title?: string;
  username?: string;
  first_name?: string;
  last_name?: string;
  is_forum?: true;
  [field: string]: unknown;
}

/** A message as it is stored: `from` is always there, `reply_markup` is what was sent. */
export interface SimMessage {
  message_id: number;
  date: number;
  chat: SimChat;
  from: User;
  text?: string;
  entities?: MessageEntity[];
  caption?: string;
  caption_entities?: MessageEntity[];
  reply_markup?: ReplyMarkup;
  reply_to_message?: SimMessage;
  message_thread_id?: number;
  edit_date?: number;
  [field: string]: unknown;
}

export interface InlineButton {
  text: string;
  callback_data?: string;
  url?: string;
  [field: string]: unknown;
}

export interface KeyboardButton {
  text: string;
  [field: string]: unknown;
}

/** The four kinds of reply markup; exactly one of the first four fields is set. */
export interface ReplyMarkup {
  inline_keyboard?: InlineButton[][];
  keyboard?: KeyboardButton[][];
  remove_keyboard?: true;
  force_reply?: true;
  [field: string]: unknown;
}

export interface SimUpdate {
  update_id: number;
  [kind: string]: unknown;
}

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked';

/** Somebody in a chat, or who was. `details` are further fields of Telegram's ChatMember: rights, title, until when. */
export interface MemberState {
  user: User;
  status: MemberStatus;
  details?: Record<string, unknown>;
}

/** A chat as one bot sees it. */
export interface ChatState {
  chat: SimChat;
  /** The user of this private chat has blocked the bot. */
  blocked: boolean;
  botStatus: MemberStatus;
  /** The bot's rights as an administrator where they are not all. */
  botDetails?: Record<string, unknown>;
  members: MemberState[];
  /** Who was banned, so that they stay so. */
  banned?: MemberState[];
  /** Further fields of Telegram's ChatFullInfo. */
  full?: Record<string, unknown>;
  /** Ids of pinned messages, the newest first. */
  pinned?: number[];
}

export interface Webhook {
  url: string;
  secretToken: string | null;
  maxConnections: number;
  ipAddress: string | null;
  hasCertificate: boolean;
  lastErrorDate: number | null;
  lastErrorMessage: string | null;
}

/** One update of a bot and what became of it. */
export interface UpdateRecord {
  update: SimUpdate;
  kind: string;
  /** Updates with the same key are delivered one after the other. */
  queueKey: string;
  chatId: number | null;
  messageId: number | null;
  createdAtMs: number;
  /** When the bot was done with it: confirmed it, or answered its delivery with 200. Not there while it waits. */
  settledAtMs?: number;
}

export interface CallbackAnswer {
  text: string;
  show_alert: boolean;
  url: string;
}

export interface CallbackQueryRecord {
  id: string;
  userId: number;
  chatId: number;
  messageId: number;
  createdAtMs: number;
  answer: CallbackAnswer | null;
}

/** What an invoice asks for; the payload is the bot's own and not part of the message. */
export interface Invoice {
  /** `<chat id>:<message id>`, or the link. */
  key: string;
  title: string;
  description: string;
  payload: string;
  currency: string;
  totalAmount: number;
  /** The price depends on shipping. */
  isFlexible: boolean;
}

export interface BotIdentity {
  token: string;
  id: number;
  username: string;
  firstName: string;
  /** Privacy mode: in groups the bot sees only what is meant for it. */
  privacy: boolean;
}

/** Commands of one scope and language. */
export interface CommandSet {
  scope: string;
  language: string;
  commands: BotCommand[];
}
