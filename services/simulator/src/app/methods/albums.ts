import { badRequest } from '../../domain/api-error.ts';
import type { MediaKind } from '../../domain/media.ts';
import { MEDIA_DETAILS } from '../../domain/media.ts';
import type { SimMessage } from '../../domain/types.ts';
import { readCaption, sendContent } from './compose.ts';
import { attachedMedia } from './files.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, isObject, json, text } from './params.ts';

const ALBUM_SIZE_MAX = 10;
const PAID_STARS_MAX = 25_000;
/** Kinds that make albums with their own kind only. */
const ALONE: ReadonlySet<string> = new Set(['audio', 'document']);

export const sendMediaGroup: Method = (call) => {
  const media = listOf(call);
  if (media.length === 0) throw badRequest('there are no messages to send');
  if (media.length > ALBUM_SIZE_MAX) throw badRequest('too many messages to send as an album');
  const kinds = new Set(media.map((one) => String(one['type'])));
  const alone = [...kinds].find((kind) => ALONE.has(kind));
  if (alone !== undefined && kinds.size > 1) throw badRequest(`${alone} can't be mixed with other media types`);
  // All of them are read before any is sent: an album comes whole or not at all.
  const parts = media.map((one) => mediaFields(call, one));
  const group = media.length > 1 ? { media_group_id: String(Date.now()) + String(Math.floor(Math.random() * 1_000)).padStart(3, '0') } : {};
  return { result: parts.map((fields) => sendContent(call, () => ({ ...group, ...fields }))) };
};

export const sendPaidMedia: Method = (call) => {
  const stars = integer(call, 'star_count') ?? 0;
  if (stars < 1 || stars > PAID_STARS_MAX) throw badRequest('STARS_AMOUNT_INVALID');
  const media = listOf(call);
  if (media.length === 0) throw badRequest('there are no paid media to send');
  if (media.length > ALBUM_SIZE_MAX) throw badRequest('too many paid media specified');
  const paid_media = media.map((one) => {
    const { type } = one;
    const { photo, video, live_photo } = mediaFields(call, one) as Record<string, unknown>;
    return { type, ...(photo !== undefined && { photo }), ...(video !== undefined && { video }), ...(live_photo !== undefined && { live_photo }) };
  });
  return { result: sendContent(call, () => ({ paid_media: { star_count: stars, paid_media }, ...readCaption(call) })) };
};

/** An InputMedia as the fields of a message: its file, what is said about the file, and its caption. */
export function mediaFields(call: Call, media: Record<string, unknown>): Partial<SimMessage> {
  const kind = String(media['type']) as MediaKind;
  const { fields } = attachedMedia(call, kind, typeof media['media'] === 'string' ? media['media'] : '');
  // The caption of one medium is read as that of a call, from this object instead of the parameters.
  const one: Call = { ...call, params: media };
  const file = fields[kind];
  const said = Object.fromEntries(MEDIA_DETAILS.flatMap((name) => (media[name] === undefined ? [] : [[name, media[name]]])));
  return {
    ...fields, ...(isObject(file) && { [kind]: { ...file, ...said } }), ...readCaption(one),
    ...(flag(one, 'has_spoiler') && { has_media_spoiler: true }), ...(flag(one, 'show_caption_above_media') && { show_caption_above_media: true }),
  };
}

/** The single InputMedia of editMessageMedia. */
export function readInputMedia(call: Call): Record<string, unknown> {
  const media = json(call, 'media');
  if (!isObject(media)) throw badRequest(text(call, 'media') === '' ? 'input media is not specified' : "can't parse InputMedia: expected an Object");
  return media;
}

function listOf(call: Call): Record<string, unknown>[] {
  const list = json(call, 'media');
  if (!Array.isArray(list) || !list.every(isObject)) throw badRequest("can't parse media JSON object");
  return list;
}
