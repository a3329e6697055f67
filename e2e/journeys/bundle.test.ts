import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Environment, ROOT } from '../src/environment.ts';
import { newUserId } from '../src/simulator.ts';

const run = promisify(execFile);
const ANSWERED = { timeout: 20_000 };
/** A picture of one pixel. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const SPEC = `meta: { name: Cups, locales: [en], defaultLocale: en }
fallback: { flow: main }
flows:
  main:
    steps:
      - reply: { photo: ./images/cup.gif, caption: A cup }
tests:
  - { name: shows a cup, steps: [{ say: hi }, { expect: { text: A cup, photo: ./images/cup.gif } }] }
`;

let env: Environment;
let folder: string;
beforeAll(() => {
  env = new Environment();
  folder = mkdtempSync(join(tmpdir(), 'botplane-bundle-'));
  mkdirSync(join(folder, 'images'));
  writeFileSync(join(folder, 'bot.yaml'), SPEC);
  writeFileSync(join(folder, 'images/cup.gif'), GIF);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const botplane = async (...args: string[]): Promise<string> => (await run(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'tools/cli/bin/botplane.mjs'), ...args], { env: { ...process.env, ...env.vars } })).stdout;

it('[P2] a folder with a picture is packed, pushed and applied; the picture goes up once', async () => {
  expect(await botplane('test', folder)).toContain('1 passed, 0 failed');
  const printed = await botplane('bundle', folder, '--push', `s3://${env.var('S3_BUCKET')}`);
  const digest = /digest: ([0-9a-f]{64})/.exec(printed)?.[1];
  const { token } = await env.simulator.makeBot('cups');
  const name = `cups-${Date.now().toString(36)}`;
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { token } };
  const bot = { apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name }, spec: { platform: 'Telegram', tokenSecretRef: { name }, template: { spec: { source: { bundleRef: { digest } } } } } };
  await env.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [secret, bot] }));
  await env.waitFor(`bot/${name}`, 'Ready');

  const ann = env.simulator.person(token, { id: newUserId(), first_name: 'Ann' });
  const sent = async () => (await env.simulator.get<{ calls: { status: number; params: { photo?: string }; files: { size: number; file_name: string }[] }[] }>(`calls?token=${token}&method=sendPhoto`)).calls;
  await ann.say('hi');
  expect(await ann.hears()).toMatchObject({ photo: expect.any(Array) as unknown, caption: 'A cup' });
  await expect.poll(sent, ANSWERED).toMatchObject([{ status: 200, files: [{ size: GIF.length, file_name: 'cup.gif' }] }]);
  await ann.say('again');
  expect(await ann.hears()).toMatchObject({ caption: 'A cup' });
  const [, second] = await sent();
  expect(second?.files).toEqual([]);
  expect(second?.params.photo).toMatch(/^SIM/);
  await env.kubectl(['delete', 'bot', name]);
});
