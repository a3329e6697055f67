import { badRequest } from '../../domain/api-error.ts';
import type { MediaKind } from '../../domain/media.ts';
import { MEDIA_DETAILS } from '../../domain/media.ts';
import { emitEvent } from '../post-message.ts';
import { readCaption, readText, sendContent } from './compose.ts';
import { readMedia } from './files.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, isObject, json, text } from './params.ts';
import { targetChat } from './targets.ts';

export const sendMessage: Method = (call) => ({
  result: sendContent(call, () => {
    const { text: body, entities } = readText(call);
    const preview = json(call, 'link_preview_options');
    return { text: body, ...(entities.length > 0 && { entities }), ...(isObject(preview) && { link_preview_options: preview }) };
  }),
});

/** Kinds without words of their own. */
const NO_CAPTION: ReadonlySet<MediaKind> = new Set(['sticker', 'video_note']);

/** sendPhoto, sendDocument and the like: by address, by file_id, or uploaded. */
export const sendMedia = (kind: MediaKind): Method => (call) => ({
  result: sendContent(call, () => ({
    ...withDetails(call, kind, readMedia(call, kind).fields),
    ...(NO_CAPTION.has(kind) ? {} : readCaption(call)),
    ...(flag(call, 'has_spoiler') && { has_media_spoiler: true }),
    ...(flag(call, 'show_caption_above_media') && { show_caption_above_media: true }),
  })),
});

/** Puts what the bot said about the file, its duration for example, beside what is made up. */
export function withDetails(call: Call, kind: MediaKind, fields: Record<string, unknown>): Record<string, unknown> {
  const media = fields[kind];
  if (!isObject(media)) return fields;
  const said: Record<string, unknown> = {};
  for (const name of MEDIA_DETAILS) {
    const value = name === 'performer' || name === 'title' ? text(call, name) : integer(call, name);
    if (value !== null && value !== '') said[name] = value;
  }
  if (kind === 'sticker' && text(call, 'emoji') !== '') said['emoji'] = text(call, 'emoji');
  return { ...fields, [kind]: { ...media, ...said } };
}

/** Coordinates of a call; Telegram's 400 when they are none. */
export function readLocation(call: Call): { latitude: number; longitude: number } {
  const latitude = Number.parseFloat(text(call, 'latitude'));
  const longitude = Number.parseFloat(text(call, 'longitude'));
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) throw badRequest('latitude or longitude is invalid');
  return { latitude, longitude };
}

const LIVE_PERIOD_S_MIN = 60;
const LIVE_PERIOD_S_MAX = 86_400;
/** Telegram's word for "until it is stopped". */
const LIVE_FOR_EVER = 0x7fffffff;

/** What a live location has beside its coordinates. */
export function liveDetails(call: Call): Record<string, number> {
  const period = integer(call, 'live_period');
  if (period !== null && period !== LIVE_FOR_EVER && (period < LIVE_PERIOD_S_MIN || period > LIVE_PERIOD_S_MAX)) throw badRequest('wrong live location period specified');
  const details: Record<string, number> = {};
  for (const name of ['live_period', 'heading', 'proximity_alert_radius'] as const) {
    const value = integer(call, name);
    if (value !== null && value !== 0) details[name] = value;
  }
  const accuracy = Number.parseFloat(text(call, 'horizontal_accuracy'));
  return Number.isFinite(accuracy) ? { ...details, horizontal_accuracy: accuracy } : details;
}

export const sendLocation: Method = (call) => ({ result: sendContent(call, () => ({ location: { ...readLocation(call), ...liveDetails(call) } })) });

export const sendVenue: Method = (call) => ({
  result: sendContent(call, () => {
    const location = readLocation(call);
    const venue: Record<string, unknown> = { location, title: needed(call, 'title'), address: needed(call, 'address') };
    for (const name of ['foursquare_id', 'foursquare_type', 'google_place_id', 'google_place_type']) if (text(call, name) !== '') venue[name] = text(call, name);
    return { venue, location };
  }),
});

export const sendContact: Method = (call) => ({
  result: sendContent(call, () => {
    const contact: Record<string, unknown> = { phone_number: needed(call, 'phone_number'), first_name: needed(call, 'first_name') };
    for (const name of ['last_name', 'vcard']) if (text(call, name) !== '') contact[name] = text(call, name);
    return { contact };
  }),
});

const DICE_VALUES: Readonly<Record<string, number>> = { '🎲': 6, '🎯': 6, '🎳': 6, '🏀': 5, '⚽': 5, '🎰': 64 };

export const sendDice: Method = (call) => ({
  result: sendContent(call, () => {
    const emoji = text(call, 'emoji').replace('\ufe0f', '') || '🎲';
    const values = DICE_VALUES[emoji];
    if (values === undefined) throw badRequest('wrong dice emoji specified');
    return { dice: { emoji, value: 1 + Math.floor(Math.random() * values) } };
  }),
});

function needed(call: Call, name: string): string {
  const value = text(call, name).trim();
  if (value === '') throw badRequest(`${name.replace('_', ' ')} must be non-empty`);
  return value;
}

const ACTIONS: ReadonlySet<string> = new Set([
  'typing', 'upload_photo', 'record_video', 'upload_video', 'record_voice', 'upload_voice', 'upload_document',
  'choose_sticker', 'find_location', 'record_video_note', 'upload_video_note',
]);

export const sendChatAction: Method = (call) => {
  const state = targetChat(call);
  const action = text(call, 'action');
  if (!ACTIONS.has(action)) throw badRequest('wrong parameter action in request');
  const thread = integer(call, 'message_thread_id');
  const body = { kind: 'chat_action', action, ...(thread !== null && { message_thread_id: thread }) } as const;
  emitEvent(call.account, state.chat.id, body, call.nowMs);
  return { result: true };
};
