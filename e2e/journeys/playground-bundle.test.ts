import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startBrowser } from '@botplane/testing/browser';
import { expect, it, onTestFinished } from 'vitest';
import { expectAccessible } from '../src/playground.ts';

const CLI = new URL('../../tools/cli/dist/main.js', import.meta.url).pathname;
/** A picture of one pixel. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const SPEC = `meta: { name: Cups, locales: [en], defaultLocale: en }
fallback: { flow: main }
state: { size: { type: string } }
flows:
  main:
    steps:
      - reply: { photo: ./images/cup.gif, caption: Our cups, reply_markup: { keyboard: [[{ text: Order, goto: order }, { text: Opening hours, goto: hours }]], resize_keyboard: true } }
  order:
    steps:
      - choice: { text: "Which size?", save: size, options: [{ text: Small, value: small }, { text: Large, value: large }] }
      - reply: { text: "A {{state.size}} cup is on its way." }
  hours:
    steps:
      - reply: { text: From eight to six. }
`;

it('[P2] [C6] the picture of a bundle is shown, and reply buttons lead to their flows, also while a question waits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  await mkdir(join(folder, 'images'));
  await writeFile(join(folder, 'bot.yaml'), SPEC);
  await writeFile(join(folder, 'images/cup.gif'), GIF);
  const player = spawn(process.execPath, [CLI, 'run', folder, '--playground'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const browser = await startBrowser();
  onTestFinished(async () => {
    await browser.close();
    player.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });
  const ended = once(player, 'exit').then(() => { throw new Error('botplane run ended'); });
  const [url] = (await Promise.race([once(createInterface({ input: player.stdout }), 'line'), ended])) as [string];
  const page = await browser.newPage({ reducedMotion: 'reduce' });
  await page.goto(url);
  const log = page.getByRole('log');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const picture = log.getByRole('button', { name: 'Enlarge: Our cups' }).locator('img');
  await expect.poll(() => picture.evaluate((element: HTMLImageElement) => [element.complete, element.naturalWidth])).toEqual([true, 1]);
  const keyboard = page.getByRole('group', { name: 'Suggested answers' });
  await keyboard.getByRole('button', { name: 'Order' }).click();
  await log.getByText('Which size?').waitFor();
  await keyboard.getByRole('button', { name: 'Opening hours' }).click();
  await log.getByText('From eight to six.').waitFor();
  await keyboard.getByRole('button', { name: 'Order' }).click();
  await log.getByText('Which size?').nth(1).waitFor();
  await log.getByRole('button', { name: 'Large', exact: true }).last().click();
  await log.getByText('A large cup is on its way.').waitFor();
  await expectAccessible(page);
});
