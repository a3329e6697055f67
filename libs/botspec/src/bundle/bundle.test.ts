import { execFileSync } from 'node:child_process';
import { sha256Hex } from '@botplane/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileBotSpec } from '../compile/compile.ts';
import { compileManifest } from '../compile/manifest.ts';
import { LIMITS } from '../schema/limits.ts';
import { openBundle, packBundle } from './bundle.ts';
import { writeTar } from './tar.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SPEC = 'meta: { name: T, locales: [en], defaultLocale: en }\nflows:\n  main: { steps: [{ reply: { photo: ./images/cup.jpg } }] }\n';
const GOOD = new Map([['bot.yaml', bytes(SPEC)], ['images/cup.jpg', bytes('JPEG')]]);
const problemOf = (files: [string, string][]): string | undefined => {
  const opened = openBundle(writeTar(files.map(([path, content]) => ({ path, content: bytes(content) }))));
  return opened.ok ? undefined : opened.problem;
};
/** One header byte range replaced, and the checksum made right again. */
function patched(archive: Uint8Array, offset: number, text: string): Uint8Array {
  const copy = archive.slice();
  copy.set(bytes(text), offset);
  copy.set(bytes('        '), 148);
  copy.set(bytes(`${copy.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `), 148);
  return copy;
}

describe('a bundle', () => {
  it('has the same bytes on every machine, whatever the order of its files', () => {
    const { digest, bytes: packed } = packBundle(GOOD);
    expect(packBundle(new Map([...GOOD].toReversed())).digest).toBe(digest);
    expect(digest).toBe('e832e9e6b02d5e2aa425b48d5fe6bf263f15cc7fc908abc9259d8eef1c237abd');
    expect(sha256Hex(packed)).toBe(digest);
  });

  it('is a tar that tar reads, and one that tar made is read', () => {
    const listed = execFileSync('tar', ['-tvf', '-'], { input: packBundle(GOOD).bytes, encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });
    expect(listed.trim().split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual(['-rw-r--r-- 0/0 119 1970-01-01 00:00 bot.yaml', '-rw-r--r-- 0/0 4 1970-01-01 00:00 images/cup.jpg']);
    const made = execFileSync('tar', ['--format=ustar', '-cf', '-', '-C', import.meta.dirname, './bundle.test.ts', '--transform=s/bundle.test.ts/bot.yaml/']);
    expect(openBundle(made)).toMatchObject({ ok: true, files: new Map() });
  });

  it('gives back what was packed, long paths too', () => {
    const long = `${'folder/'.repeat(20)}cup.jpg`;
    const opened = openBundle(packBundle(new Map([...GOOD, [long, bytes('LONG')]])).bytes);
    expect(opened).toMatchObject({ ok: true, specText: SPEC });
    expect(opened.ok && [...opened.files].map(([path, content]) => [path, Buffer.from(content).toString()])).toEqual([[long, 'LONG'], ['images/cup.jpg', 'JPEG']]);
  });

  it.each([
    ['a way out of it', [['bot.yaml', 'x'], ['a/../../etc/passwd', 'x']], '`a/../../etc/passwd` is not a path inside the bundle'],
    ['an absolute path', [['/etc/passwd', 'x'], ['bot.yaml', 'x']], '`/etc/passwd` is not a path inside the bundle'],
    ['a path of Windows', [['bot.yaml', 'x'], ['a\\b', 'x']], '`a\\b` is not a path inside the bundle'],
    ['a file twice', [['bot.yaml', 'x'], ['bot.yaml', 'y']], '`bot.yaml` stands in it twice'],
    ['no spec', [['spec.yaml', 'x']], 'it holds no bot.yaml'],
    ['too many files', Array.from({ length: LIMITS.bundleFilesMax + 1 }, (_, n) => [`f${n}`, '']), 'it holds more than 200 files'],
  ] as [string, [string, string][], string][])('with %s is refused', (_what, files, problem) => {
    expect(problemOf(files)).toBe(problem);
  });

  it.each([
    ['2', '`bot.yaml` is a symbolic link; a bundle holds plain files only'],
    ['1', '`bot.yaml` is a hard link; a bundle holds plain files only'],
    ['x', 'it uses extensions of tar (type x); make it with npx botplane bundle, or tar --format=ustar'],
  ])('with an entry of type %s is refused', (type, problem) => {
    expect(openBundle(patched(packBundle(GOOD).bytes, 156, type))).toEqual({ ok: false, problem });
  });

  it('that is compressed, cut off, damaged or too large is refused', () => {
    const { bytes: packed } = packBundle(GOOD);
    expect(openBundle(Buffer.from([0x1f, 0x8b, 8]))).toMatchObject({ problem: 'it is compressed; a bundle is a plain tar' });
    expect(openBundle(packed.subarray(0, 600))).toMatchObject({ problem: 'it is cut off in `bot.yaml`' });
    expect(openBundle(patched(packed, 124, '77777777777'))).toMatchObject({ problem: 'it is cut off in `bot.yaml`' });
    expect(openBundle(packed.with(3, 7))).toMatchObject({ problem: 'it is no tar archive, or it is damaged' });
    expect(openBundle(new Uint8Array(LIMITS.bundleBytesMax + 1))).toMatchObject({ problem: 'it has 20481 KB; at most 20480 are read' });
  });

  it('never throws, whatever the bytes are', () => {
    const { bytes: packed } = packBundle(GOOD);
    fc.assert(fc.property(fc.nat(packed.length - 1), fc.uint8Array({ minLength: 1, maxLength: 64 }), (offset, noise) => {
      const copy = new Uint8Array(packed.length + 64);
      copy.set(packed);
      copy.set(noise, offset);
      expect(typeof openBundle(copy).ok).toBe('boolean');
      expect(openBundle(noise).ok).toBe(false);
    }));
  });
});

describe('./path in a spec', () => {
  const files = new Map([['images/cup.jpg', { sha256: 'a'.repeat(64), bytes: 4 }], ['empty.txt', { sha256: 'b'.repeat(64), bytes: 0 }], ['huge.jpg', { sha256: 'c'.repeat(64), bytes: 11 * 1024 * 1024 }]]);
  const withReply = (reply: object) => compileBotSpec({ meta: { name: 'T', locales: ['en'], defaultLocale: 'en' }, fallback: { flow: 'main' }, flows: { main: { steps: [{ reply }] } } }, { bundle: { botId: 'shop_bot', files } });

  it('becomes a file that delivery sends, under a key that its content names', () => {
    const result = withReply({ document: './images/cup.jpg', thumbnail: './images/cup.jpg' });
    const file = { key: `bots/shop_bot/files/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), bytes: 4, fileName: 'cup.jpg', mimeType: 'image/jpeg' };
    expect(result).toMatchObject({ ok: true, files: [{ path: 'images/cup.jpg', file }], program: { flows: { main: { lists: { '': [{ msg: { params: { document: { lit: { $file: file } }, thumbnail: { lit: { $file: file } } } } }] } } } } });
  });

  it.each([
    ['./images/cup.jgp', 'unknown_file', 'did you mean `./images/cup.jpg`?'],
    ['./Images/cup.jpg', 'unknown_file', 'did you mean `./images/cup.jpg`?'],
    ['../cup.jpg', 'bad_file_path', 'a path such as ./images/cup.jpg; a template cannot stand in it'],
    ['./{{context.locale}}.jpg', 'bad_file_path', 'a path such as ./images/cup.jpg; a template cannot stand in it'],
    ['./empty.txt', 'empty_file', 'Telegram takes no empty files'],
    ['./huge.jpg', 'file_too_large', 'make it smaller, or send it as a document'],
  ])('%s: %s', (photo, code, remedy) => {
    expect(withReply({ photo })).toMatchObject({ ok: false, errors: [{ code, path: 'flows.main.steps[0].reply.photo', remedy }] });
  });

  it('is refused in an inline spec with what to do instead, and read from bot.yaml of a bundle', () => {
    const bot = `apiVersion: botplane.dev/v1alpha1\nkind: Bot\nmetadata: { name: cups }\nspec:\n  botSpec:\n    ${SPEC.trimEnd().replaceAll('\n', '\n    ')}\n    fallback: { flow: main }\n`;
    expect(compileManifest(bot, { files })).toMatchObject([{ result: { ok: false, errors: [{ code: 'file_outside_bundle', line: 8, remedy: expect.stringContaining('npx botplane bundle') as string }] } }]);
    expect(compileManifest(bot, { files, packed: true })).toMatchObject([{ title: 'bundle', name: 'cups', result: { ok: true } }]);
  });
});
