import type { FileParam, StoredFile } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { FILES_PER_CALL_MAX, PHOTO_BYTES_MAX, UPLOAD_BYTES_MAX } from '../limits.ts';

/** One place of a call where a file stands. */
export interface FileUse {
  readonly file: StoredFile;
  /** As what Telegram takes it: its file_id is good for this kind only. Undefined: none is kept (thumbnails, covers). */
  readonly kind: string | undefined;
  /** Which of the messages that come back shows it. */
  readonly message: number;
}

type Params = { [key: string]: Json };

const KINDS: ReadonlySet<string> = new Set(['photo', 'document', 'video', 'audio', 'voice', 'animation', 'sticker', 'video_note']);
const TAKES_FILES = /^(send(Photo|Document|Video|Audio|Voice|Animation|Sticker|VideoNote|MediaGroup)|editMessageMedia)$/;
/** Parameters, a list of media, a media: files stand no deeper. */
const DEPTH_MAX = 3;

/** The files of a call, in the order in which `replaceFiles` meets them. */
export function filesOf(method: string, params: Params): FileUse[] {
  const uses: FileUse[] = [];
  if (TAKES_FILES.test(method)) replaceFiles(params, (use) => (uses.push(use), null));
  return uses;
}

/** The parameters with something else where files stand. */
export function replaceFiles(params: Params, replace: (use: FileUse) => Json): Params {
  return walk(params, { kind: undefined, message: 0, depth: 0 }, replace) as Params;
}

interface Place {
  kind: string | undefined;
  message: number;
  depth: number;
}

function walk(value: Json, place: Place, replace: (use: FileUse) => Json): Json {
  if (typeof value !== 'object' || value === null || place.depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) return value.map((item, message) => walk(item, { ...place, message, depth: place.depth + 1 }, replace));
  const given = value as Params;
  if ('$file' in given) return replace({ file: (given as unknown as FileParam).$file, kind: place.kind, message: place.message });
  const type = typeof given['type'] === 'string' ? given['type'] : '';
  return Object.fromEntries(Object.entries(given).map(([name, item]) => [name, walk(item, { ...place, kind: kindOf(name, type), depth: place.depth + 1 }, replace)]));
}

const kindOf = (name: string, type: string): string | undefined => [name, name === 'media' ? type : ''].find((kind) => KINDS.has(kind));

/** Why a call's files cannot be sent; undefined: they can. A bot names its own files only. */
export function problemOf(botId: string, uses: readonly FileUse[]): string | undefined {
  if (uses.length > FILES_PER_CALL_MAX) return `a call takes ${FILES_PER_CALL_MAX} files`;
  return uses.map(({ file, kind }) => problemOfFile(botId, file, kind)).find((problem) => problem !== undefined);
}

function problemOfFile(botId: string, file: Partial<StoredFile> | null, kind: string | undefined): string | undefined {
  if (typeof file !== 'object' || file === null) return '$file names no file';
  const { key, sha256, bytes, fileName, mimeType } = file;
  if (typeof key !== 'string' || !key.startsWith(`bots/${botId}/`) || key.split('/').includes('..')) return '$file.key is no file of this bot';
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return '$file.sha256 is no SHA-256';
  if (typeof fileName !== 'string' || typeof mimeType !== 'string' || !/^[\w.+-]+\/[\w.+-]+$/.test(mimeType)) return '$file needs fileName and mimeType';
  const bytesMax = kind === 'photo' ? PHOTO_BYTES_MAX : UPLOAD_BYTES_MAX;
  return Number.isSafeInteger(bytes) && Number(bytes) > 0 && Number(bytes) <= bytesMax ? undefined : `$file.bytes must be 1 to ${bytesMax}`;
}

/** What Telegram calls a file that it just took; undefined when the answer does not say. */
export function fileIdIn(result: Json, { kind, message }: FileUse): string | undefined {
  const shown = Array.isArray(result) ? result[message] : result;
  if (kind === undefined || typeof shown !== 'object' || shown === null || Array.isArray(shown)) return undefined;
  // Of a photo the last size is the largest.
  const media = Array.isArray(shown[kind]) ? shown[kind].at(-1) : shown[kind];
  const fileId = typeof media === 'object' && media !== null && !Array.isArray(media) ? media['file_id'] : undefined;
  return typeof fileId === 'string' ? fileId : undefined;
}
