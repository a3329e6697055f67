import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser } from '@botplane/testing/browser';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Environment, LOCAL_DIR } from '../src/environment.ts';
import { exampleToken } from '../src/manifests.ts';

const ANSWER_MS_MAX = 20_000;

let env: Environment;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  env = new Environment();
  await env.kubectl(['apply', '-f', 'examples/coffee-club/']);
  await env.waitFor('bot/coffee-club', 'Ready', 20);
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 1100, height: 820 } });
});

afterAll(async () => {
  await browser?.close();
  await env.kubectl(['delete', 'bot', 'coffee-club', '--timeout=60s']);
});

it('[C6] a person plays coffee-club in the playground: Start, buttons, an e-mail, the receipt', async () => {
  const bot = (await (await fetch(`${env.simulator.url}/bot${exampleToken('coffee-club')}/getMe`)).json()) as { result: { username: string } };
  await page.goto(`${env.simulator.url}/play/${bot.result.username}`);
  const log = page.getByRole('log');

  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await log.getByText('What would you like?').waitFor({ timeout: ANSWER_MS_MAX });
  await log.getByRole('button', { name: 'Order', exact: true }).click();
  await log.getByText('Which size?').waitFor({ timeout: ANSWER_MS_MAX });
  await log.getByRole('button', { name: 'Large', exact: true }).click();
  await log.getByText('Your e-mail for the receipt?').waitFor({ timeout: ANSWER_MS_MAX });
  const composer = page.getByRole('textbox');
  await composer.fill('ann@example.org');
  await composer.press('Enter');
  await log.getByText('A large coffee is 4 €.').waitFor({ timeout: ANSWER_MS_MAX });
  await log.getByText('Thanks! Your first coffee.').waitFor({ timeout: ANSWER_MS_MAX });

  const folder = join(LOCAL_DIR, 'screenshots');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, 'playground.png') });
  expect(await log.getByText('What would you like?').count()).toBe(1);
});
