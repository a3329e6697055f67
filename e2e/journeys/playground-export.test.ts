import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startBrowser } from '@botplane/testing/browser';
import { expect, it, onTestFinished } from 'vitest';
import { expectAccessible } from '../src/playground.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const CLI = join(ROOT, 'tools/cli/dist/main.js');

it('[C6] a conversation with `botplane run --playground`, exported, passes `botplane test` in the spec of the bot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  const player = spawn(process.execPath, [CLI, 'run', join(ROOT, 'examples/quiz/bot.yaml'), '--playground'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const browser = await startBrowser();
  onTestFinished(async () => {
    await browser.close();
    player.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });
  const [url] = (await once(createInterface({ input: player.stdout }), 'line')) as [string];
  const page = await browser.newPage({ acceptDownloads: true, reducedMotion: 'reduce' });
  await page.goto(url);
  const log = page.getByRole('log');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  for (const answer of ['Two', 'Five', '56']) await log.getByRole('button', { name: answer, exact: true }).click();
  await log.getByText('That makes 2 points of 3.').waitFor();
  await page.getByRole('button', { name: 'More about this chat' }).click();
  await page.getByRole('menuitem', { name: 'Export the transcript' }).click();
  await page.getByRole('region', { name: 'Transcript' }).getByText('That makes 2 points').waitFor();
  await expectAccessible(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  const tests = await readFile(await download.path(), 'utf8');

  const manifest = await readFile(join(ROOT, 'examples/quiz/bot.yaml'), 'utf8');
  const file = join(folder, 'bot.yaml');
  await writeFile(file, `${manifest.slice(0, manifest.indexOf('    tests:\n'))}${tests.replaceAll(/^(?=.)/gm, '    ')}`);
  const run = spawn(process.execPath, [CLI, 'test', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  run.stdout.on('data', (part: Buffer) => { out += part.toString(); });
  await once(run, 'close');
  expect(out).toContain('1 passed, 0 failed');
});
