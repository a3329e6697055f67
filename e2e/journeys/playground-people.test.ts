import { startBrowser } from '@botplane/testing/browser';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PlaygroundWorld, expectAccessible } from '../src/playground.ts';

let browser: Browser;
let world: PlaygroundWorld;

beforeAll(async () => {
  browser = await startBrowser();
  world = await PlaygroundWorld.start(browser, ({ message }, api) => (message?.text === '/start' ? api('sendMessage', { chat_id: message.chat.id, text: `Hi ${message.from.first_name}` }) : undefined));
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

describe('[C6] people in the playground', () => {
  it('talk side by side and in a group, where privacy mode hides what is not for the bot', async () => {
    const page = await world.open('?panes=1001,1002', { dark: true });
    onTestFinished(() => page.context().close());
    const ann = page.getByRole('region', { name: 'Ann in Cafe' });
    await ann.getByRole('button', { name: 'Start', exact: true }).click();
    await ann.getByRole('log').getByText('Hi Ann').waitFor();
    await expectAccessible(page);
    await ann.getByRole('button', { name: 'Chat: Cafe' }).click();
    await page.getByRole('menuitem', { name: 'New group' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    const group = page.getByRole('region', { name: 'Ann in Test group' });
    await group.getByRole('textbox', { name: 'Message' }).fill('hello all');
    await page.keyboard.press('Enter');
    await group.getByText('The bot does not see this message: privacy mode.').waitFor();
    expect(page.url()).toMatch(/panes=1001:-\d+,1002$/);
  });

  it('see active faults and remove them, at phone width too', async () => {
    const page = await world.open('?panes=1001', { width: 360, height: 740 });
    onTestFinished(() => page.context().close());
    await page.getByRole('log').getByText('Hi Ann').waitFor();
    await page.getByRole('button', { name: 'Network and faults' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add the fault' }).click();
    await page.getByRole('dialog').getByText('429 Too Many Requests · any method').waitFor();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the fault 429 Too Many Requests' }).click();
    await page.getByRole('dialog').getByText('None: calls of the bot').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });
});
