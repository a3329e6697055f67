import { badRequest } from '../../domain/api-error.ts';
import { makeMedia } from '../../domain/media.ts';
import type { MediaKind } from '../../domain/media.ts';
import { emitEvent } from '../post-message.ts';
import { readCaption, readText, sendContent } from './compose.ts';
import type { Call, Method } from './params.ts';
import { integer, text } from './params.ts';
import { targetChat } from './targets.ts';

export const sendMessage: Method = (call) => ({
  result: sendContent(call, () => {
    const { text: body, entities } = readText(call);
    return { text: body, ...(entities.length > 0 && { entities }) };
  }),
});

/** sendPhoto, sendDocument and the like: by address, by file_id, or uploaded. */
export const sendMedia = (kind: MediaKind): Method => (call) => ({
  result: sendContent(call, () => ({
    ...readMedia(call, kind),
    ...(kind === 'sticker' ? {} : readCaption(call)),
  })),
});

function readMedia(call: Call, kind: MediaKind): Record<string, unknown> {
  const given = text(call, kind);
  const attached = /^attach:\/\/(.+)$/.exec(given)?.[1] ?? kind;
  const upload = call.files.find((file) => file.field === attached);
  const { files } = call.account;
  if (upload) {
    const media = makeMedia(kind, { name: upload.fileName, mimeType: upload.mimeType, size: upload.bytes.length });
    files.put(media.fileId, { name: upload.fileName, mimeType: upload.mimeType, bytes: upload.bytes });
    return media.fields;
  }
  if (given === '') throw badRequest(`there is no ${kind} in the request`);
  if (/^https?:\/\//i.test(given)) {
    const media = makeMedia(kind, { name: given.split(/[?#]/)[0]?.split('/').at(-1) ?? kind });
    files.put(media.fileId, { name: kind, mimeType: '', url: given });
    return media.fields;
  }
  if (!/^[\w-]{8,200}$/.test(given)) throw badRequest('wrong file identifier/HTTP URL specified');
  return makeMedia(kind, { fileId: given }).fields;
}

export const sendLocation: Method = (call) => {
  const latitude = Number.parseFloat(text(call, 'latitude'));
  const longitude = Number.parseFloat(text(call, 'longitude'));
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) throw badRequest('latitude or longitude is invalid');
  return { result: sendContent(call, () => ({ location: { latitude, longitude } })) };
};

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
