import type { User } from '@grammyjs/types';
import { SHELF_ENTRIES_MAX } from '../limits.ts';
import type { KeptFile } from './stored-files.ts';

type Fields = Record<string, unknown>;

/** A poll with what Telegram does not show: who voted for what. */
export interface KeptPoll {
  chatId: number;
  messageId: number;
  poll: { id: string; options: { persistent_id: string; text: string; voter_count: number }[]; total_voter_count: number; is_closed: boolean; is_anonymous: boolean; type: string; allows_multiple_answers: boolean; [field: string]: unknown };
  /** Numbers of options by voter, newest voters last. */
  votes: [user: User, optionIds: number[]][];
}

/** A topic of a forum. */
export interface KeptTopic {
  chatId: number;
  message_thread_id: number;
  name: string;
  icon_color: number;
  icon_custom_emoji_id?: string;
  isClosed: boolean;
  isHidden: boolean;
}

/** A payment that a person made. */
export interface KeptCharge {
  userId: number;
  currency: string;
  total_amount: number;
  invoice_payload: string;
  provider_payment_charge_id: string;
  isRefunded: boolean;
  isCanceled: boolean;
}

export interface KeptStickerSet {
  ownerId: number;
  name: string;
  title: string;
  sticker_type: string;
  stickers: ({ file_id: string } & Fields)[];
  thumbnail?: Fields;
}

/** What a bot keeps besides chats and messages: by shelf, then by key. All of it survives a restart. */
export interface Shelves {
  /** By poll id. */
  poll: KeptPoll;
  /** By `<chat>:<link>`: Telegram's ChatInviteLink. */
  invite_link: { invite_link: string; is_revoked: boolean; is_primary: boolean } & Fields;
  /** By `<chat>:<thread>`; the general topic has thread 1. */
  topic: KeptTopic;
  /** Name, description and short description by `<which>|<language>`. */
  text: string;
  /** By chat id, or `default`. */
  menu_button: Fields;
  /** `groups` or `channels`. */
  admin_rights: Fields;
  /** By `<chat>:<message>:<user>`: reactions of people and of the bot. */
  reaction: unknown[];
  /** By id: Telegram's StarTransaction. */
  star_transaction: { id: string; amount: number; date: number } & Fields;
  /** By telegram_payment_charge_id. */
  charge: KeptCharge;
  /** By name in lower case. */
  sticker_set: KeptStickerSet;
  /** By `<chat>:<user>`: who wants to join. */
  join_request: User;
  /** By inline_message_id: where a person put a result of the bot. */
  inline_message: { chatId: number; messageId: number };
  /** By `<chat>:<message>:<user>`, `<inline message>:<user>`. */
  game_score: { user: User; score: number };
  /** By file_id; the bytes lie elsewhere. */
  file: KeptFile;
  /** By user id, the bot's own among them: PhotoSize lists, newest first. */
  profile_photos: unknown[][];
}

export type ShelfName = keyof Shelves;

/** A change of one shelf; null takes the entry away. */
export interface ShelfEntry {
  shelf: ShelfName;
  key: string;
  value: Shelves[ShelfName] | null;
}

/** The shelves of one bot, each bounded: the oldest entry makes room. */
export class ShelfStore {
  private readonly shelves = new Map<ShelfName, Map<string, unknown>>();

  get<K extends ShelfName>(shelf: K): ReadonlyMap<string, Shelves[K]> {
    return this.map(shelf) as ReadonlyMap<string, Shelves[K]>;
  }

  apply({ shelf, key, value }: ShelfEntry): void {
    const map = this.map(shelf);
    if (value === null) {
      map.delete(key);
      return;
    }
    if (!map.has(key) && map.size >= SHELF_ENTRIES_MAX[shelf]) map.delete(map.keys().next().value as string);
    map.set(key, value);
  }

  *entries(): Generator<ShelfEntry> {
    for (const [shelf, map] of this.shelves) for (const [key, value] of map) yield { shelf, key, value: value as Shelves[ShelfName] };
  }

  clear(): void {
    this.shelves.clear();
  }

  private map(shelf: ShelfName): Map<string, unknown> {
    let map = this.shelves.get(shelf);
    if (!map) this.shelves.set(shelf, (map = new Map()));
    return map;
  }
}
