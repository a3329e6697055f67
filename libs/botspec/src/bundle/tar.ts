/** A file of an archive: its path below the root, with `/`, and its content. */
export interface TarFile {
  path: string;
  content: Uint8Array;
}

/** What is wrong with an archive, for people. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

const BLOCK = 512;
const NAME_BYTES_MAX = 100;
const PREFIX_BYTES_MAX = 155;
/** Where the parts of a ustar header stand: offset and length. */
const FIELD = { name: [0, 100], mode: [100, 8], uid: [108, 8], gid: [116, 8], size: [124, 12], mtime: [136, 12], checksum: [148, 8], type: [156, 1], magic: [257, 8], prefix: [345, 155] } as const;
type Field = (typeof FIELD)[keyof typeof FIELD];

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A POSIX ustar archive. The same files give the same bytes: sorted by path, mode 0644, no owner, the epoch as time, not compressed. */
export function writeTar(files: readonly TarFile[]): Uint8Array<ArrayBuffer> {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const blocks = sorted.flatMap(({ path, content }) => [header(path, content.length), content, new Uint8Array(padding(content.length))]);
  const end = new Uint8Array(2 * BLOCK);
  const parts = [...blocks, end];
  const archive = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    archive.set(part, offset);
    offset += part.length;
  }
  return archive;
}

const padding = (bytes: number): number => (BLOCK - (bytes % BLOCK)) % BLOCK;

function header(path: string, bytes: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = ([offset]: Field, text: string): void => block.set(encoder.encode(text), offset);
  const { prefix, name } = splitPath(path);
  put(FIELD.name, name);
  put(FIELD.prefix, prefix);
  put(FIELD.mode, '0000644\0');
  put(FIELD.uid, '0000000\0');
  put(FIELD.gid, '0000000\0');
  put(FIELD.size, `${bytes.toString(8).padStart(11, '0')}\0`);
  put(FIELD.mtime, '00000000000\0');
  put(FIELD.type, '0');
  put(FIELD.magic, 'ustar\x0000');
  put(FIELD.checksum, `${checksumOf(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** A long path is cut at a `/`: what is before it goes into the prefix. */
function splitPath(path: string): { prefix: string; name: string } {
  if (encoder.encode(path).length <= NAME_BYTES_MAX) return { prefix: '', name: path };
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (encoder.encode(prefix).length <= PREFIX_BYTES_MAX && encoder.encode(name).length <= NAME_BYTES_MAX) return { prefix, name };
  }
  throw new TarError(`the path \`${path}\` is too long; a name has at most ${NAME_BYTES_MAX} bytes`);
}

/** Sum of all bytes, with blanks where the sum itself stands. */
function checksumOf(block: Uint8Array): number {
  const [from, length] = FIELD.checksum;
  return block.reduce((sum, byte, index) => sum + (index >= from && index < from + length ? 0x20 : byte), 0);
}

/** Reads an archive; the files share its memory. Throws {@link TarError} for what is no plain archive of plain files. */
export function readTar(archive: Uint8Array, filesMax: number): TarFile[] {
  if (archive[0] === 0x1f && archive[1] === 0x8b) throw new TarError('it is compressed; a bundle is a plain tar');
  const files: TarFile[] = [];
  let offset = 0;
  for (;;) {
    const block = archive.subarray(offset, offset + BLOCK);
    if (block.length < BLOCK) throw new TarError('it is no tar archive, or it is cut off');
    if (block.every((byte) => byte === 0)) return files;
    const entry = readHeader(block);
    const start = offset + BLOCK;
    if (start + entry.bytes > archive.length) throw new TarError(`it is cut off in \`${entry.path}\``);
    if (entry.type !== '5') files.push({ path: entry.path, content: archive.subarray(start, start + entry.bytes) });
    if (files.length > filesMax) throw new TarError(`it holds more than ${filesMax} files`);
    offset = start + entry.bytes + padding(entry.bytes);
  }
}

const KINDS: { readonly [type: string]: string } = { 1: 'a hard link', 2: 'a symbolic link', 3: 'a device', 4: 'a device', 6: 'a pipe' };

function readHeader(block: Uint8Array): { path: string; bytes: number; type: string } {
  if (octal(block, FIELD.checksum) !== checksumOf(block)) throw new TarError('it is no tar archive, or it is damaged');
  const [prefix, name] = [textIn(block, FIELD.prefix), textIn(block, FIELD.name)];
  const path = (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, '');
  const type = textIn(block, FIELD.type) || '0';
  const kind = KINDS[type];
  if (kind !== undefined) throw new TarError(`\`${path}\` is ${kind}; a bundle holds plain files only`);
  if (type !== '0' && type !== '5') throw new TarError(`it uses extensions of tar (type ${type}); make it with npx botplane bundle, or tar --format=ustar`);
  return { path, bytes: type === '5' ? 0 : octal(block, FIELD.size), type };
}

function textIn(block: Uint8Array, [offset, length]: Field): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  try {
    return decoder.decode(end === -1 ? field : field.subarray(0, end));
  } catch {
    throw new TarError('a path in it is not UTF-8');
  }
}

function octal(block: Uint8Array, field: Field): number {
  const text = textIn(block, field).trim();
  if (!/^[0-7]+$/.test(text)) throw new TarError('it is no tar archive, or it is damaged');
  return Number.parseInt(text, 8);
}
