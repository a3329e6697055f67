import type { StoredFile } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { describe, expect, it } from 'vitest';
import { UPLOAD_BYTES_MAX } from '../limits.ts';
import { fileIdIn, filesOf, problemOf, replaceFiles } from './files.ts';

const file = (name: string, more: Partial<StoredFile> = {}): StoredFile => ({ key: `bots/shop_b/files/${name}`, sha256: 'a'.repeat(64), bytes: 10, fileName: name, mimeType: 'image/png', ...more });
const param = (name: string): Json => ({ $file: file(name) }) as unknown as Json;

describe('files of a call', () => {
  it('stand where the Bot API takes an InputFile', () => {
    const group = { chat_id: 1, media: [{ type: 'photo', media: param('a') }, { type: 'video', media: param('b'), thumbnail: param('c') }] };
    expect(filesOf('sendPhoto', { photo: param('p'), thumbnail: param('t') }).map(({ file: { fileName }, kind }) => [fileName, kind])).toEqual([['p', 'photo'], ['t', undefined]]);
    expect(filesOf('sendMediaGroup', group).map(({ file: { fileName }, kind, message }) => [fileName, kind, message])).toEqual([['a', 'photo', 0], ['b', 'video', 1], ['c', undefined, 1]]);
    expect(filesOf('sendMessage', { text: param('x') })).toEqual([]);
    expect(replaceFiles(group, ({ file: { fileName } }) => `attach://${fileName}`)).toEqual({ chat_id: 1, media: [{ type: 'photo', media: 'attach://a' }, { type: 'video', media: 'attach://b', thumbnail: 'attach://c' }] });
  });

  it.each<[string, Partial<StoredFile>]>([
    ['another bot’s', { key: 'bots/shop_other/files/a' }],
    ['a way out of its folder', { key: 'bots/shop_b/../shop_other/a' }],
    ['too large', { bytes: UPLOAD_BYTES_MAX + 1 }],
    ['without a digest', { sha256: '' }],
    ['with a header in its type', { mimeType: 'a/b\r\nX: y' }],
  ])('are refused when one is %s', (_what, more) => {
    expect(problemOf('shop_b', [{ file: file('a'), kind: 'document', message: 0 }])).toBeUndefined();
    expect(problemOf('shop_b', [{ file: file('a', more), kind: 'document', message: 0 }])).toMatch(/\$file/);
  });

  it('have the name that Telegram gave them in the answer', () => {
    const use = { file: file('a'), kind: 'photo', message: 1 };
    expect(fileIdIn([{ photo: [{ file_id: 'x' }] }, { photo: [{ file_id: 'small' }, { file_id: 'large' }] }], use)).toBe('large');
    expect(fileIdIn({ document: { file_id: 'd' } }, { ...use, kind: 'document' })).toBe('d');
    expect(fileIdIn(true, use)).toBeUndefined();
  });
});
