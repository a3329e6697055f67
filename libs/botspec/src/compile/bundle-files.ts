import { mediaKey } from '@botplane/contracts';
import type { StoredFile } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { isPlainPath } from '../bundle/bundle.ts';
import type { Value } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import type { Compilation } from './compilation.ts';
import { didYouMean } from './suggest.ts';

const MIME_TYPES: { readonly [extension: string]: string } = {
  jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', gif: 'image/gif', webp: 'image/webp', svg: 'image/svg+xml', tgs: 'application/x-tgsticker',
  mp4: 'video/mp4', webm: 'video/webm', mov: 'video/quicktime', mp3: 'audio/mpeg', m4a: 'audio/mp4', ogg: 'audio/ogg', oga: 'audio/ogg', opus: 'audio/ogg', wav: 'audio/wav',
  pdf: 'application/pdf', txt: 'text/plain', csv: 'text/csv', html: 'text/html', json: 'application/json', zip: 'application/zip',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Whether a value of a media field names a file of the bundle. */
export const isBundlePath = (value: unknown): value is string => typeof value === 'string' && /^\.{1,2}\//.test(value);

/** `./images/cup.jpg` as delivery takes it. `kind` is the field it stands in. */
export function bundledFile(source: string, path: string, kind: string, c: Compilation): Value {
  const file = findFile(source, path, kind, c);
  return { lit: file ? ({ $file: file } as unknown as Json) : '' };
}

function findFile(source: string, path: string, kind: string, c: Compilation): StoredFile | undefined {
  const refuse = (code: string, message: string, remedy: string): undefined => c.out.error({ code, path, found: source, message: `\`${source}\` ${message}`, remedy }) as undefined;
  if (!c.bundle) return refuse('file_outside_bundle', 'is a file of a bundle, and this spec is in none', 'npx botplane bundle packs a folder with bot.yaml for source.bundleRef; or use https://… or a file_id');
  const name = source.replace(/^\.\//, '');
  if (!isPlainPath(name) || /\{\{/.test(name)) return refuse('bad_file_path', 'is not a plain path inside the bundle', 'a path such as ./images/cup.jpg; a template cannot stand in it');
  const found = c.bundle.files.get(name);
  if (!found) return refuse('unknown_file', 'is not in the bundle', didYouMean(source, [...c.bundle.files.keys()].map((known) => `./${known}`)) ?? 'add it beside bot.yaml; upper and lower case count');
  const bytesMax = kind === 'photo' ? LIMITS.photoBytesMax : LIMITS.bundleBytesMax;
  if (found.bytes === 0) return refuse('empty_file', 'is empty', 'Telegram takes no empty files');
  if (found.bytes > bytesMax) return refuse('file_too_large', `has ${Math.ceil(found.bytes / 1024)} KB; at most ${bytesMax / 1024} can be sent`, kind === 'photo' ? 'make it smaller, or send it as a document' : 'use https://… or a file_id');
  const fileName = name.slice(name.lastIndexOf('/') + 1);
  const extension = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase();
  const file = { key: mediaKey(c.bundle.botId, found.sha256), sha256: found.sha256, bytes: found.bytes, fileName, mimeType: MIME_TYPES[extension] ?? 'application/octet-stream' };
  c.usedFiles.set(name, file);
  return file;
}
