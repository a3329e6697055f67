import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { sha256Hex } from '@botplane/domain';
import { describe, expect, it } from 'vitest';
import { runCli } from './cli.ts';

const examples = new URL('../../../examples/', import.meta.url);
const example = (name: string): string => readFileSync(new URL(`${name}/bot.yaml`, examples), 'utf8');

const GOOD = `meta: { name: T, locales: [en], defaultLocale: en }
fallback: { flow: main }
flows:
  main: { steps: [{ reply: { text: hello } }] }
tests:
  - { name: answers, steps: [{ say: x }, { expect: { text: hello } }] }
  - { name: hopes, steps: [{ say: x }, { expect: { text: bye } }] }
`;

/** One command line against files in memory. */
async function cli(args: string[], files: { [path: string]: string } = {}, typed: string[] = []): Promise<{ code: number; out: string; err: string; written: { [path: string]: string } }> {
  const out: string[] = [];
  const err: string[] = [];
  const written: { [path: string]: string } = {};
  const code = await runCli(args, {
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: ${path}`);
      return text;
    },
    writeFile: (path, content) => void (written[path] = typeof content === 'string' ? content : Buffer.from(content).toString('latin1')),
    isFolder: (path) => Object.keys(files).some((file) => file.startsWith(`${path}/`)),
    readBelow: (folder, path) => (files[join(folder, path)] === undefined ? undefined : new TextEncoder().encode(files[join(folder, path)])),
    listBelow: (folder) => Object.keys(files).map((file) => relative(folder, file)),
    push: (bucket, key, content) => {
      written[`s3://${bucket}/${key}`] = Buffer.from(content).toString('latin1');
      return Promise.resolve('created');
    },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    watch: () => () => undefined,
    stopped: () => Promise.resolve(),
    lines: async function* lines() {
      yield* typed;
    },
  });
  return { code, out: out.join('\n'), err: err.join('\n'), written };
}

describe('botplane lint', () => {
  it('[P2] names file, line, column, path, what is wrong and what would fix it', async () => {
    const { code, out } = await cli(['lint', 'a.yaml'], { 'a.yaml': GOOD.replace('{ reply: { text: hello } }', '{ goto: mian }') });
    expect(out).toBe('a.yaml:4:21 error unknown_target flows.main.steps[0].goto: `mian` is no step id or label of flow `main`, and no flow (did you mean `main`?)\n✗ 1 spec: 1 error, 0 warnings');
    expect(code).toBe(1);
  });

  it('finds specs in Bots, ConfigMaps and among other objects, with their places in the file', async () => {
    const bad = GOOD.replace('flow: main', 'flow: mian');
    const indented = bad.trimEnd().replaceAll('\n', '\n    ');
    const file = `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: texts }\ndata:\n  botspec.yaml: |\n    ${indented}\n---\napiVersion: botplane.dev/v1alpha1\nkind: Bot\nmetadata: { name: b }\nspec:\n  botSpec:\n    ${indented}\n`;
    const { out } = await cli(['lint', '--json', 'a.yaml'], { 'a.yaml': file });
    expect(JSON.parse(out)).toMatchObject([{ title: 'ConfigMap texts', errors: [{ code: 'unknown_flow', line: 11, column: 17 }] }, { title: 'Bot b', errors: [{ code: 'unknown_flow', line: 24, column: 17 }] }]);
  });

  it('says that there is nothing to read, and refuses a large inline spec', async () => {
    expect((await cli(['lint', 'a'], { a: 'apiVersion: v1\nkind: Secret\n' })).out).toContain('there is no BotSpec in this file');
    const texts = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`t${i}`, 'x'.repeat(4_000)]));
    const bot = { apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name: 'b' }, spec: { botSpec: { meta: { name: 'T', locales: ['en'], defaultLocale: 'en' }, localization: { en: texts }, flows: { main: { steps: [{ reply: { text: 'a' } }] } } } } };
    expect((await cli(['lint', 'a'], { a: JSON.stringify(bot) })).out).toContain('inline_too_large: an inline spec has at most 200 KB; this one has 236 (put it in a ConfigMap');
  });
});

describe('botplane test', () => {
  it('[P2] tells each test, where it failed and why, and ends with the counts', async () => {
    const { code, out } = await cli(['test', 'a'], { a: GOOD });
    expect(out).toBe('✓ BotSpec: answers\n✗ BotSpec: hopes\n    tests[1].steps[1]: expected “bye”, got “hello”\n1 passed, 1 failed');
    expect(code).toBe(1);
    expect(await cli(['test', 'a', '--name', 'answ'], { a: GOOD })).toMatchObject({ code: 0, out: '✓ BotSpec: answers\n1 passed, 0 failed' });
  });

  it.each(readdirSync(examples).filter((name) => existsSync(new URL(`${name}/bot.yaml`, examples))))('[P2] the example %s lints, has tests, and passes them', async (name) => {
    const file = { [name]: example(name) };
    expect(await cli(['lint', name], file)).toMatchObject({ code: 0, out: expect.stringMatching(/✓ 1 spec(: 0 errors|, nothing to mend)/) as string });
    expect(await cli(['test', name], file)).toMatchObject({ code: 0, out: expect.stringMatching(/[1-9]\d* passed, 0 failed$/) as string });
  });
});

describe('botplane compile', () => {
  it('writes what the operator would publish, the same each time', async () => {
    const first = await cli(['compile', 'a', '-o', 'to'], { a: GOOD });
    expect(Object.keys(first.written)).toEqual(['to/bot.js', 'to/spec.json', 'to/rev.json']);
    expect(first.out).toMatch(/revision [0-9a-f]{40}$/);
    expect(await cli(['compile', 'a', '-o', 'to'], { a: GOOD })).toEqual(first);
  });
});

describe('a folder with files', () => {
  const SPEC = GOOD.replace('{ text: hello }', '{ photo: ./cup.jpg, caption: hello }');
  const folder = { 'shop/bot.yaml': SPEC, 'shop/cup.jpg': 'JPEG', 'shop/secret.env': 'TOKEN' };

  it('[P2] bundle packs the spec and the files it names, and tells how to name it', async () => {
    const { code, out, written } = await cli(['bundle', 'shop', '-o', 'shop.tar', '--push', 's3://botplane'], folder);
    const digest = sha256Hex(Buffer.from(written['shop.tar'] ?? '', 'latin1'));
    expect(out).toBe(`# 2 files, 3072 bytes\n# s3://botplane/bundles/${digest}.tar written\nsource:\n  bundleRef:\n    digest: ${digest}`);
    expect(code).toBe(0);
    expect(written[`s3://botplane/bundles/${digest}.tar`]).toBe(written['shop.tar']);
    expect(written['shop.tar']).not.toContain('TOKEN');
    expect((await cli(['bundle', 'shop/bot.yaml'], folder)).out).toContain(digest);
  });

  it('[P2] lint, test, run and compile read it as the operator will', async () => {
    expect(await cli(['lint', 'shop'], folder)).toMatchObject({ code: 0, out: '✓ 1 spec, nothing to mend' });
    expect((await cli(['lint', 'shop'], { ...folder, 'shop/bot.yaml': SPEC.replace('cup.jpg', 'cap.jpg') })).out).toContain('shop/bot.yaml:4:30 error unknown_file flows.main.steps[0].reply.photo: `./cap.jpg` is not in the bundle (did you mean `./cup.jpg`?)');
    expect((await cli(['test', 'shop', '--name', 'answers'], folder)).out).toContain('1 passed, 0 failed');
    expect((await cli(['run', 'shop'], folder, ['hi'])).out).toContain('< (sendPhoto) hello');
    const revision = async (content: string): Promise<string> => (await cli(['compile', 'shop'], { ...folder, 'shop/cup.jpg': content })).out.split('\n').at(-1) ?? '';
    expect(await revision('another')).not.toBe(await revision('JPEG'));
  });

  it('refuses a bucket that is none, and a spec that does not compile', async () => {
    expect((await cli(['bundle', 'shop', '--push', 's3://botplane/mine'], folder)).err).toContain('--push takes s3://BUCKET');
    expect(await cli(['bundle', 'shop', '--push', 's3://botplane'], { 'shop/bot.yaml': SPEC })).toMatchObject({ code: 1, written: {} });
  });
});

describe('botplane run', () => {
  it('talks to the bot, presses its buttons and lets time pass', async () => {
    const typed = ['/start', '#1', '#1', 'a@b.c', ':wait 10m', '/order', ':wait 30m', '#9', ':quit', 'never read'];
    const { out, code } = await cli(['run', 'a'], { a: example('coffee-club') }, typed);
    expect(code).toBe(0);
    expect(out.split('\n').slice(1)).toEqual([
      '< Hi Ann! What would you like?', '  [#1 Order]', '< Which size?', '  [#1 Small] [#2 Large] [#3 Never mind]', '< Your e-mail for the receipt?', '< A small coffee is 3 €.', '< Thanks! Your first coffee.',
      '< Which size?', '  [#1 Small] [#2 Large] [#3 Never mind]', '< No hurry, write /order when you are ready.', '  · there is no button #9',
    ]);
  });
});

describe('botplane', () => {
  it('prints the schema, its usage, and refuses what it does not know', async () => {
    expect(JSON.parse((await cli(['schema'])).out)).toMatchObject({ title: 'BotSpec v1' });
    expect(JSON.parse((await cli(['schema', '--bot'])).out)).toMatchObject({ title: 'Bot', $defs: { botSpec: { type: 'object' } } });
    expect(await cli(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('botplane lint FILE') as string });
    expect(await cli(['lnit'])).toMatchObject({ code: 2, err: expect.stringContaining('no command “lnit”') as string });
    expect(await cli(['lint', 'gone'])).toMatchObject({ code: 2, err: '✗ ENOENT: gone' });
    expect(await cli(['lint', '--jsn'])).toMatchObject({ code: 2 });
  });
});

describe('botplane run --playground', () => {
  it('serves the bot in a playground of its own, answers there, and takes up a changed file', async () => {
    const files: { [path: string]: string } = { a: GOOD };
    const out: string[] = [];
    const err: string[] = [];
    let change = (): void => undefined;
    const stop = Promise.withResolvers<void>();
    const io = { readFile: (path: string) => files[path] ?? '', isFolder: () => false, readBelow: () => undefined, listBelow: () => [], push: () => Promise.reject(new Error('no store')), writeFile: () => undefined, out: (line: string) => void out.push(line), err: (line: string) => void err.push(line), watch: (_: string, onChange: () => void) => { change = onChange; return () => undefined; }, stopped: () => stop.promise, lines: async function* lines() {} };
    const running = runCli(['run', 'a', '--playground'], io);
    await expect.poll(() => [out.length, err.filter((line) => line.startsWith('✗'))]).toEqual([1, []]);
    const { origin, pathname } = new URL(out[0] ?? '');
    expect(pathname).toBe('/play/t_bot');
    const { token } = (await (await fetch(`${origin}/_sim/playground/t_bot?user_id=1`)).json()) as { token: string };
    const answers = async (after: number): Promise<string[]> => {
      await fetch(`${origin}/_sim/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, from: { id: 1 }, text: 'x' }) });
      const { messages } = (await (await fetch(`${origin}/_sim/chats/${token}/1/messages?after=${after}&wait=10`)).json()) as { messages: { text: string }[] };
      return messages.map(({ text }) => text);
    };
    expect(await answers(1)).toEqual(['hello']);
    files['a'] = GOOD.replace('text: hello', 'text: changed');
    change();
    await expect.poll(() => err.at(-1)).toContain('was read anew');
    expect(await answers(3)).toEqual(['changed']);
    files['a'] = GOOD.replace('flow: main', 'flow: mian');
    change();
    await expect.poll(() => err.at(-1)).toContain('stays as it was');
    expect(await answers(5)).toEqual(['changed']);
    stop.resolve();
    expect(await running).toBe(0);
  });

  it('uploads the files of a bundle, each message anew, and goes on when one is gone', async () => {
    const spec = 'meta: { name: T, locales: [en], defaultLocale: en }\nfallback: { flow: main }\nflows:\n  main:\n    steps:\n      - reply: { photo: ./cup.png, caption: A cup }\n      - reply: { text: after }\n';
    const pictures = new Map([['cup.png', new TextEncoder().encode('PNG')]]);
    const out: string[] = [];
    const err: string[] = [];
    const stop = Promise.withResolvers<void>();
    const io = { readFile: () => spec, isFolder: (path: string) => path === 'cups', readBelow: (_: string, path: string) => pictures.get(path), listBelow: () => [], push: () => Promise.reject(new Error('no store')), writeFile: () => undefined, out: (line: string) => void out.push(line), err: (line: string) => void err.push(line), watch: () => () => undefined, stopped: () => stop.promise, lines: async function* lines() {} };
    const running = runCli(['run', 'cups', '--playground'], io);
    await expect.poll(() => [out.length, err.filter((line) => line.startsWith('✗'))]).toEqual([1, []]);
    const { origin } = new URL(out[0] ?? '');
    const { token } = (await (await fetch(`${origin}/_sim/playground/t_bot?user_id=1`)).json()) as { token: string };
    const say = () => fetch(`${origin}/_sim/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, from: { id: 1 }, text: 'x' }) });
    const sent = async () => ((await (await fetch(`${origin}/_sim/chats/${token}/1/messages`)).json()) as { messages: { from: { is_bot: boolean }; text?: string; caption?: string; photo?: { file_id: string }[] }[] }).messages.filter(({ from }) => from.is_bot);
    await say();
    await expect.poll(async () => (await sent()).map(({ text, caption }) => text ?? caption)).toEqual(['A cup', 'after']);
    const [photo] = (await sent())[0]?.photo ?? [];
    expect(await (await fetch(`${origin}/_sim/files/${token}/${photo?.file_id}`)).text()).toBe('PNG');
    pictures.clear();
    await say();
    await expect.poll(async () => (await sent()).map(({ text, caption }) => text ?? caption)).toEqual(['A cup', 'after', 'after']);
    expect(err).toContain('  · cup.png is gone');
    stop.resolve();
    expect(await running).toBe(0);
  });

  it('says what is wrong with a port', async () => {
    expect(await cli(['run', 'a', '--playground', '--port', 'x'], { a: GOOD })).toMatchObject({ code: 2, err: expect.stringContaining('--port takes a number') as string });
  });
});
