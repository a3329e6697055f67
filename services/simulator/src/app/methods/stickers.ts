import { badRequest } from '../../domain/api-error.ts';
import { STICKERS_PER_SET_MAX } from '../../limits.ts';
import type { BotAccount } from '../bot-account.ts';
import type { KeptStickerSet } from '../shelves.ts';
import { attachedMedia, fileAnswer, keepUpload } from './files.ts';
import type { Call, Method } from './params.ts';
import { integer, isObject, json, stringOf, text } from './params.ts';

type Sticker = KeptStickerSet['stickers'][number];

const TITLE_LENGTH_MAX = 64;

export const getStickerSet: Method = (call) => {
  const { ownerId: _, ...shown } = setOf(call, text(call, 'name'));
  return { result: shown };
};

export const uploadStickerFile: Method = (call) => {
  const media = keepUpload(call, 'sticker', 'sticker');
  if (!media) throw badRequest('there is no sticker in the request');
  return { result: fileAnswer(media.fileId, (media.fields['sticker'] as { file_size?: number }).file_size ?? 0) };
};

export const createNewStickerSet: Method = (call) => {
  const name = text(call, 'name');
  const title = readTitle(call);
  const suffix = `_by_${call.account.bot.username}`.toLowerCase();
  if (!/^[a-z]\w{0,63}$/i.test(name) || name.includes('__') || !name.toLowerCase().endsWith(suffix)) throw badRequest('invalid sticker set name is specified');
  if (call.account.kept('sticker_set', name.toLowerCase())) throw badRequest('sticker set name is already occupied');
  const list = json(call, 'stickers');
  if (!Array.isArray(list) || list.length === 0) throw badRequest('STICKERS_EMPTY');
  const sticker_type = text(call, 'sticker_type') || 'regular';
  const stickers = list.map((one: unknown) => readSticker(call, one, name, sticker_type));
  keep(call.account, { ownerId: ownerOf(call), name, title, sticker_type, stickers });
  return { result: true };
};

export const addStickerToSet: Method = (call) => {
  const set = ownSet(call);
  if (set.stickers.length >= STICKERS_PER_SET_MAX) throw badRequest('STICKERS_TOO_MUCH');
  keep(call.account, { ...set, stickers: [...set.stickers, readSticker(call, json(call, 'sticker'), set.name, set.sticker_type)] });
  return { result: true };
};

export const replaceStickerInSet: Method = (call) => {
  const set = ownSet(call);
  const old = text(call, 'old_sticker');
  if (!set.stickers.some(({ file_id }) => file_id === old)) throw badRequest('STICKER_INVALID');
  const next = readSticker(call, json(call, 'sticker'), set.name, set.sticker_type);
  keep(call.account, { ...set, stickers: set.stickers.map((one) => (one.file_id === old ? next : one)) });
  return { result: true };
};

export const setStickerPositionInSet: Method = (call) => {
  const { set, sticker } = setWith(call);
  const others = set.stickers.filter((one) => one !== sticker);
  const position = integer(call, 'position') ?? 0;
  if (position < 0) throw badRequest('POSITION_INVALID');
  keep(call.account, { ...set, stickers: [...others.slice(0, position), sticker, ...others.slice(position)] });
  return { result: true };
};

export const deleteStickerFromSet: Method = (call) => {
  const { set, sticker } = setWith(call);
  keep(call.account, { ...set, stickers: set.stickers.filter((one) => one !== sticker) });
  return { result: true };
};

export const setStickerEmojiList: Method = (call) => {
  const list = json(call, 'emoji_list');
  if (!Array.isArray(list) || list.length === 0) throw badRequest('STICKER_EMOJI_INVALID');
  return changeSticker(call, { emoji: String(list[0]) });
};

export const setStickerMaskPosition: Method = (call) => changeSticker(call, { mask_position: json(call, 'mask_position') });
/** Keywords are for search; Telegram shows them nowhere. */
export const setStickerKeywords: Method = (call) => changeSticker(call, {});

export const setStickerSetTitle: Method = (call) => {
  keep(call.account, { ...setOf(call, text(call, 'name')), title: readTitle(call) });
  return { result: true };
};

export const deleteStickerSet: Method = (call) => {
  call.account.keep('sticker_set', setOf(call, text(call, 'name')).name.toLowerCase(), null);
  return { result: true };
};

function changeSticker(call: Call, fields: Record<string, unknown>): { result: true } {
  const { set, sticker } = setWith(call);
  keep(call.account, { ...set, stickers: set.stickers.map((one) => (one === sticker ? { ...one, ...fields } : one)) });
  return { result: true };
}

function readSticker(call: Call, given: unknown, set_name: string, type: string): Sticker {
  if (!isObject(given)) throw badRequest("can't parse InputSticker: expected an Object");
  const emojis = given['emoji_list'];
  if (!Array.isArray(emojis) || emojis.length === 0) throw badRequest('STICKER_EMOJI_INVALID');
  const { fields } = attachedMedia(call, 'sticker', stringOf(given['sticker']));
  const sticker = fields['sticker'] as Sticker;
  const format = { is_animated: given['format'] === 'animated', is_video: given['format'] === 'video' };
  return { ...sticker, ...format, type, emoji: String(emojis[0]), set_name, ...(isObject(given['mask_position']) && { mask_position: given['mask_position'] }) };
}

function readTitle(call: Call): string {
  const title = text(call, 'title').trim();
  if (title === '' || title.length > TITLE_LENGTH_MAX) throw badRequest('PACK_TITLE_INVALID');
  return title;
}

function ownerOf(call: Call): number {
  const id = integer(call, 'user_id');
  if (id === null || !call.account.users.has(id)) throw badRequest('PEER_ID_INVALID');
  return id;
}

function ownSet(call: Call): KeptStickerSet {
  const set = setOf(call, text(call, 'name'));
  if (set.ownerId !== integer(call, 'user_id')) throw badRequest('STICKERSET_INVALID');
  return set;
}

function setOf({ account }: Call, name: string): KeptStickerSet {
  const set = account.kept('sticker_set', name.toLowerCase());
  if (!set) throw badRequest('STICKERSET_INVALID');
  return set;
}

function setWith(call: Call): { set: KeptStickerSet; sticker: Sticker } {
  const id = text(call, 'sticker');
  for (const set of call.account.shelf('sticker_set').values()) {
    const sticker = set.stickers.find(({ file_id }) => file_id === id);
    if (sticker) return { set, sticker };
  }
  throw badRequest('STICKER_INVALID');
}

const keep = (account: BotAccount, set: KeptStickerSet): void => account.keep('sticker_set', set.name.toLowerCase(), set);
