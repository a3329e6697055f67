import { badRequest } from '../../domain/api-error.ts';
import type { MadeMedia, MediaKind } from '../../domain/media.ts';
import { makeMedia } from '../../domain/media.ts';
import { DOWNLOAD_BYTES_MAX } from '../../limits.ts';
import type { Call, Method, Upload } from './params.ts';
import { text } from './params.ts';

export const getFile: Method = (call) => {
  const id = text(call, 'file_id');
  const file = call.account.files.get(id);
  if (!file || !('bytes' in file)) throw badRequest(id === '' ? 'file_id not specified' : 'wrong file_id or the file is temporarily unavailable');
  if (file.bytes.length > DOWNLOAD_BYTES_MAX) throw badRequest('file is too big');
  return { result: fileAnswer(id, file.bytes.length) };
};

/** Telegram's File for content that can be downloaded. */
export const fileAnswer = (id: string, size: number): Record<string, unknown> =>
  ({ file_id: id, file_unique_id: `U${id.slice(-15)}`, file_size: size, file_path: `files/${id}` });

/** The file of a parameter: uploaded, at an address, or known by its file_id. Throws Telegram's 400 when there is none. */
export function readMedia(call: Call, kind: MediaKind, field: string = kind): MadeMedia {
  const given = text(call, field);
  const uploaded = keepUpload(call, kind, /^attach:\/\/(.+)$/.exec(given)?.[1] ?? field);
  if (uploaded) return uploaded;
  if (given === '') throw badRequest(`there is no ${field} in the request`);
  return namedMedia(call, kind, given);
}

/** The file that an object of a list names, as InputMedia does: `attach://<name of an upload>`, an address, or a file_id. */
export function attachedMedia(call: Call, kind: MediaKind, given: string): MadeMedia {
  const name = /^attach:\/\/(.+)$/.exec(given)?.[1];
  if (name === undefined) return namedMedia(call, kind, given);
  const media = keepUpload(call, kind, name);
  if (!media) throw badRequest('file must be non-empty');
  return media;
}

/** Keeps what was uploaded under a name and gives its media fields; undefined when there is none. */
export function keepUpload(call: Call, kind: MediaKind, name: string): MadeMedia | undefined {
  const upload = call.files.find((file) => file.field === name);
  return upload && keepFile(call, kind, upload);
}

function keepFile({ account }: Call, kind: MediaKind, { fileName, mimeType, bytes }: Upload): MadeMedia {
  if (bytes.length === 0) throw badRequest('file must be non-empty');
  const media = makeMedia(kind, { name: fileName, mimeType, size: bytes.length });
  account.files.put(media.fileId, { name: fileName, mimeType, bytes });
  return media;
}

function namedMedia({ account }: Call, kind: MediaKind, given: string): MadeMedia {
  if (/^https?:\/\//i.test(given)) {
    const media = makeMedia(kind, { name: given.split(/[?#]/)[0]?.split('/').at(-1) ?? kind });
    account.files.put(media.fileId, { name: kind, mimeType: '', url: given });
    return media;
  }
  if (!/^[\w-]{8,200}$/.test(given)) throw badRequest('wrong file identifier/HTTP URL specified');
  return makeMedia(kind, { fileId: given });
}
