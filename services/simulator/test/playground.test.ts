import { startBrowser } from '@botplane/testing/browser';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { setup, webhook } from './harness.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const MENU = { inline_keyboard: [[{ text: 'Order', callback_data: 'order' }, { text: 'Hours', callback_data: 'hours' }]] };

/** A bot that greets in the person's language, and a page that shows its chat. */
async function openChat(options: { width: number } = { width: 1200 }) {
  const { sim, api, bot, get, url } = await setup();
  const token = await bot({ username: 'cafe_bot' });
  const hook = await webhook(({ message, callback_query: query }) => {
    if (query) {
      const ordered = query.data === 'order';
      const answered = api(token, 'answerCallbackQuery', { callback_query_id: query.id, text: ordered ? 'Ordered' : 'From 8 to 18', show_alert: !ordered });
      if (ordered) void answered.then(() => api(token, 'editMessageText', { chat_id: query.from.id, message_id: query.message.message_id, text: 'On its way' }));
      return {};
    }
    const greeting = message.from.language_code === 'de' ? 'Hallo' : 'Hi';
    return { body: { method: 'sendMessage', chat_id: message.chat.id, text: `${greeting} <b>${message.from.first_name}</b>: ${message.text}`, parse_mode: 'HTML', reply_markup: MENU } };
  });
  await api(token, 'setWebhook', { url: hook.url });
  await api(token, 'setMyCommands', { commands: [{ command: 'start', description: 'Begin' }, { command: 'menu', description: 'See the menu' }] });
  const context = await browser.newContext({ viewport: { width: options.width, height: 800 }, locale: 'en' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
  await page.goto(`${url}/play/cafe_bot`);
  return { page, problems, sim, api, token, get };
}

const start = (page: Page): Promise<void> => page.getByRole('button', { name: 'Start', exact: true }).click();
const log = (page: Page) => page.getByRole('log');

describe('the playground', () => {
  it('starts a conversation, presses buttons and shows answers, edits and alerts', async () => {
    const { page, problems } = await openChat();
    await start(page);
    await log(page).getByText('Hi Ann: /start').waitFor();
    await page.getByRole('button', { name: 'Hours' }).click();
    await page.getByRole('dialog').getByText('From 8 to 18').waitFor();
    await page.getByRole('button', { name: 'OK' }).click();
    await page.getByRole('button', { name: 'Order' }).click();
    await page.getByRole('status').getByText('Ordered').waitFor();
    await log(page).getByText('On its way').waitFor();
    expect(await page.getByRole('button', { name: 'Order' }).count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('is used with the keyboard alone: the menu of commands, and a text', async () => {
    const { page } = await openChat();
    await start(page);
    const field = page.getByLabel('Message', { exact: true });
    await field.fill('/m');
    await page.getByRole('option', { name: '/menu See the menu' }).waitFor();
    await field.press('Enter');
    await log(page).getByText('Hi Ann: /menu').waitFor();
    await page.keyboard.type('hello there');
    await page.keyboard.press('Enter');
    await log(page).getByText('Hi Ann: hello there').waitFor();
  });

  it('chats as a second person, with a language and a chat of their own', async () => {
    const { page } = await openChat({ width: 390 });
    await start(page);
    await log(page).getByText('Hi Ann: /start').waitFor();
    await page.getByRole('button', { name: 'Person: Ann' }).click();
    await page.getByRole('menuitemradio', { name: 'Bob' }).click();
    await page.getByLabel('Language of Bob').selectOption('de');
    await start(page);
    await log(page).getByText('Hallo Bob: /start').waitFor();
    expect(await log(page).getByText('Hi Ann').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });

  it('shows the update behind a message and the calls it caused, and takes part in what happens elsewhere', async () => {
    const { page, api, token } = await openChat();
    await start(page);
    await log(page).getByText('Hi Ann: /start').waitFor();
    await page.getByLabel('Actions for message 1', { exact: true }).click();
    await page.getByRole('menuitem', { name: 'Update and API calls' }).click();
    const drawer = page.getByRole('complementary', { name: 'Behind message 1' });
    await drawer.getByText('API calls it caused (1)').waitFor();
    await drawer.getByText('"update_id"').waitFor();
    await page.keyboard.press('Escape');
    expect(await drawer.count()).toBe(0);
    await api(token, 'sendMessage', { chat_id: 1001, text: 'pick', reply_markup: { keyboard: [['tea', 'coffee']], one_time_keyboard: true } });
    await page.getByRole('button', { name: 'coffee' }).click();
    await log(page).getByText('Hi Ann: coffee').waitFor();
    expect(await page.getByRole('button', { name: 'tea' }).count()).toBe(0);
    await api(token, 'deleteMessage', { chat_id: 1001, message_id: 2 });
    await log(page).getByText('Message deleted').waitFor();
  });
});
