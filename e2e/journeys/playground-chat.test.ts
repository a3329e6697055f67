import { startBrowser } from '@botplane/testing/browser';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PlaygroundWorld, expectAccessible } from '../src/playground.ts';
import type { Script } from '../src/playground.ts';

let browser: Browser;
let world: PlaygroundWorld;
/** Everybody in these journeys is new to the bot. */
let nextUser = 5_000;

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAABz0lEQVR42g3LobKFIBRA0fc5N5PJZvOJDslgMDlEImMiEEiM8UTHZDCY9hD5oufq6+8nGMEKgzAKIjhhETYhCLuQhSqocAmP8PebMBN2YpgYJ2TCTSwT20SY2CfyRJ3QiWvimb4wY2bszDAzzsiMm1lmtpkws8/kmTqjM9fMM39hxazYlWFlXJEVt7KsbCthZV/JK3VFV66VZ/2Cx3isZ/CMHvE4z+LZPMGze7KnetRzeR7/hYAJ2MAQGAMScIElsAVCYA/kQA1o4Ao84QsRE7GRITJGJOIiS2SLhMgeyZEa0cgVeeIXEiZhE0NiTEjCJZbElgiJPZETNaGJK/GkLxRMwRaGwliQgissha0QCnshF2pBC1fhKV84MAf2YDgYD+TAHSwH20E42A/yQT3Qg+vgOb6gGMUqgzIqojhlUTYlKLuSlaqocimPfuHEnNiT4WQ8kRN3spxsJ+FkP8kn9URPrpPn/MKNubE3w814IzfuZrnZbsLNfpNv6o3eXDfP/YUX82JfhpfxRV7cy/KyvYSX/SW/1Bd9uV6e9wsN07CNoTE2pOEaS2NrhMbeyI3a0MbVeNoXOqZjO0Nn7EjHdZbO1gmdvZM7taOdq/N0/gHWLNEQLbf/IgAAAABJRU5ErkJggg==', 'base64');

const script: Script = async ({ message, callback_query: query, pre_checkout_query: checkout, edited_message: edited }, api) => {
  if (checkout) return api('answerPreCheckoutQuery', checkout.total_amount === 100 ? { pre_checkout_query_id: checkout.id, ok: true } : { pre_checkout_query_id: checkout.id, ok: false, error_message: 'Sold out, sorry' });
  if (query) return api('answerCallbackQuery', query.data === 'loud' ? { callback_query_id: query.id, text: 'Read this first', show_alert: true } : { callback_query_id: query.id, text: 'Noted' });
  if (edited) return api('sendMessage', { chat_id: edited.chat.id, text: `Changed to: ${edited.text}` });
  if (!message) return undefined;
  const chat_id = message.chat.id;
  if (message.text === '/start') return api('sendMessage', { chat_id, text: 'Ready' });
  if (message.contact) return api('sendMessage', { chat_id, text: `Number ${message.contact.phone_number}`, reply_markup: { remove_keyboard: true } });
  if (message.reply_to_message) return api('sendMessage', { chat_id, text: `You answered “${message.reply_to_message.text}”` });
  const kind = ['photo', 'document', 'video', 'voice', 'audio', 'animation', 'sticker'].find((field) => message[field]);
  if (kind) return api('sendMessage', { chat_id, text: `Got a ${kind}${message.caption ? `: ${message.caption}` : ''}${message.media_group_id ? ' of an album' : ''}` });
  return undefined;
};

beforeAll(async () => {
  browser = await startBrowser();
  world = await PlaygroundWorld.start(browser, script);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

/** Somebody new in the chat with the bot, after Start. */
async function start(look: Parameters<PlaygroundWorld['open']>[1] = {}): Promise<{ page: Page; id: number; log: Locator; field: Locator }> {
  const id = nextUser++;
  const page = await world.open(`?panes=${id}`, look);
  onTestFinished(() => page.context().close());
  const log = page.getByRole('log');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await log.getByText('Ready').waitFor();
  return { page, id, log, field: page.getByRole('textbox', { name: 'Message' }) };
}

describe('[C6] a person in the playground', () => {
  it('presses inline buttons with the arrow keys, and gets toasts and alerts', async () => {
    const { page, id, log } = await start();
    await world.api('sendMessage', { chat_id: id, text: 'Choose', reply_markup: { inline_keyboard: [[{ text: 'Quiet', callback_data: 'quiet' }, { text: 'Loud', callback_data: 'loud' }], [{ text: 'Code', copy_text: { text: 'SAVE10' } }]] } });
    await log.getByRole('button', { name: 'Quiet' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Noted').waitFor();
    await page.keyboard.press('ArrowRight');
    expect(await log.getByRole('button', { name: 'Loud' }).evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Read this first').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await log.getByRole('button', { name: 'Code' }).click();
    await page.getByRole('status').getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('SAVE10');
  });

  it('answers with a reply keyboard, which goes after one use, and shares a contact', async () => {
    const { page, id, log } = await start();
    await world.api('sendMessage', { chat_id: id, text: 'Size?', reply_markup: { keyboard: [[{ text: 'Small' }, { text: 'Large' }]], resize_keyboard: true, one_time_keyboard: true } });
    await page.getByRole('button', { name: 'Large' }).click();
    await log.getByText('Large').waitFor();
    await expect.poll(() => page.getByRole('group', { name: 'Suggested answers' }).count()).toBe(0);
    await world.api('sendMessage', { chat_id: id, text: 'Number?', reply_markup: { keyboard: [[{ text: 'Share it', request_contact: true }]] } });
    await page.getByRole('button', { name: 'Share it' }).click();
    await log.getByText(/Number \+4930/).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Share it' }).count()).toBe(0);
  });

  it('sends files by the picker and by dropping them: a photo with a caption, an album, a sound', async () => {
    const { page, log } = await start();
    const picker = page.locator('input[type=file]');
    await picker.setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: PNG });
    await page.getByLabel('Caption').fill('my cat');
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    await log.getByText('Got a photo: my cat').waitFor();
    await log.getByRole('button', { name: 'Enlarge: my cat' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Download' }).waitFor();
    await page.keyboard.press('Escape');
    await picker.setInputFiles(['one.png', 'two.png'].map((name) => ({ name, mimeType: 'image/png', buffer: PNG })));
    await page.getByRole('dialog', { name: 'Send an album of 2' }).getByRole('button', { name: 'Send', exact: true }).click();
    await log.getByRole('group', { name: 'Album of 2' }).waitFor();
    await log.getByText('Got a photo of an album').nth(1).waitFor();
    // A file dropped on the chat, sent as a plain document.
    const data = await page.evaluateHandle(`(() => { const data = new DataTransfer(); data.items.add(new File(['hello'], 'notes.txt', { type: 'text/plain' })); return data; })()`);
    await page.dispatchEvent('.pane', 'drop', { dataTransfer: data });
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    await log.getByText('Got a document').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), log.getByRole('link', { name: 'Download notes.txt' }).click()]);
    expect(download.suggestedFilename()).toBe('notes.txt');
    await picker.setInputFiles({ name: 'word.ogg', mimeType: 'audio/ogg', buffer: Buffer.from('OggS') });
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    await log.getByText('Got a voice').waitFor();
  });

  it('sees what the bot sends: every kind of media, or an honest card where there is no content', async () => {
    const { id, log } = await start();
    const form = new FormData();
    form.set('chat_id', String(id));
    form.set('photo', new File([PNG], 'a.png', { type: 'image/png' }));
    form.set('caption', 'fresh');
    await fetch(`${world.url}/bot${world.token}/sendPhoto`, { method: 'POST', body: form });
    await log.getByRole('button', { name: 'Enlarge: fresh' }).waitFor();
    await world.api('sendSticker', { chat_id: id, sticker: 'CAACAgIAAxkBAAI' });
    await world.api('sendLocation', { chat_id: id, latitude: 50, longitude: 30 });
    await world.api('sendDice', { chat_id: id });
    await log.getByText('No content here, only its file_id').waitFor();
    await log.getByText('50.0000, 30.0000').waitFor();
    await log.getByRole('img', { name: /shows \d/ }).waitFor();
  });

  it('edits the last message with the arrow key, deletes it, and sees edits and deletions of the bot', async () => {
    const { page, id, log, field } = await start();
    await field.fill('helo');
    await field.press('Enter');
    await log.getByText('helo', { exact: true }).waitFor();
    await field.press('ArrowUp');
    await expect.poll(() => field.inputValue()).toBe('helo');
    await field.fill('hello');
    await field.press('Enter');
    await log.getByText('Changed to: hello').waitFor();
    await log.getByText('edited').waitFor();
    const { result } = await world.api('sendMessage', { chat_id: id, text: 'Old price' });
    await log.getByText('Old price').waitFor();
    await world.api('editMessageText', { chat_id: id, message_id: result.message_id, text: 'New price' });
    await log.getByText('New price').waitFor();
    expect(await log.getByText('Old price').count()).toBe(0);
    await world.api('deleteMessage', { chat_id: id, message_id: result.message_id });
    await log.getByText('Message deleted').waitFor();
    await log.locator('.mine').last().hover();
    await log.locator('.mine').last().getByRole('button', { name: /Actions for message/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await log.getByText('Message deleted').nth(1).waitFor();
  });

  it('replies, reacts, and goes from message to message with the arrow keys', async () => {
    const { page, id, log, field } = await start();
    await world.api('sendMessage', { chat_id: id, text: 'Any questions?' });
    await log.getByText('Any questions?').waitFor();
    await page.getByRole('region', { name: 'Messages' }).focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.keyboard.type('No');
    await page.keyboard.press('Enter');
    await log.getByText('You answered “Any questions?”').waitFor();
    await log.getByText('Any questions?').first().hover();
    await log.locator('[data-message-id]').filter({ hasText: 'Any questions?' }).first().getByRole('button', { name: /Actions/ }).click();
    await page.getByRole('menuitem', { name: 'React' }).click();
    await page.getByRole('group', { name: 'Reactions' }).getByRole('button').first().click();
    const own = log.locator('.reactions [aria-pressed=true]');
    await own.waitFor();
    await own.click();
    await expect.poll(() => own.count()).toBe(0);
    await field.focus();
  });

  it('sees typing, a draft that grows, and formatted text whose links are asked about first', async () => {
    const { page, id, log } = await start();
    await world.api('sendChatAction', { chat_id: id, action: 'typing' });
    await page.getByText('Cafe is typing').waitFor();
    await world.api('sendMessageDraft', { chat_id: id, draft_id: 7, text: 'Once upon' });
    await page.getByText('Once upon', { exact: true }).waitFor();
    await world.api('sendMessageDraft', { chat_id: id, draft_id: 7, text: 'Once upon a time' });
    await page.getByText('Once upon a time').waitFor();
    await world.api('sendMessage', { chat_id: id, parse_mode: 'HTML', text: '<b>Bold</b> <tg-spoiler>secret</tg-spoiler> <a href="https://elsewhere.example/x">our site</a> <pre><code class="language-js">let a</code></pre><blockquote>wise</blockquote> <a href="javascript:alert(1)">bad</a>' });
    await log.locator('strong', { hasText: 'Bold' }).waitFor();
    expect(await page.getByText('Once upon').count()).toBe(0);
    await log.getByRole('button', { name: 'Hidden text. Show it' }).click();
    await log.getByText('secret').waitFor();
    await log.locator('blockquote', { hasText: 'wise' }).waitFor();
    await log.getByRole('region', { name: 'Code in js' }).waitFor();
    await log.getByRole('link', { name: 'our site' }).click();
    await page.getByRole('dialog').getByText('https://elsewhere.example/x').waitFor();
    await page.keyboard.press('Escape');
    expect(await log.getByRole('link', { name: 'bad' }).count()).toBe(0);
  });

  it('votes in a poll and in a quiz', async () => {
    const { page, id, log } = await start();
    await world.api('sendPoll', { chat_id: id, question: 'Tea or coffee?', options: [{ text: 'Tea' }, { text: 'Coffee' }], is_anonymous: false });
    await log.getByRole('button', { name: 'Coffee' }).click();
    await log.getByText('1 vote', { exact: true }).waitFor();
    await log.getByText(', your vote').waitFor();
    await log.getByRole('button', { name: 'Retract vote' }).click();
    await log.getByText('No votes yet').waitFor();
    await world.api('sendPoll', { chat_id: id, question: '7 × 8?', options: [{ text: '54' }, { text: '56' }], type: 'quiz', correct_option_ids: [1], explanation: 'Five six seven eight' });
    await log.getByRole('button', { name: '54' }).click();
    await log.getByText('Five six seven eight').waitFor();
    await log.getByText(', wrong answer').waitFor();
    await expectAccessible(page);
  });

  it('pays with Stars, sees a declined card and what the bot says when it refuses', async () => {
    const { page, id, log } = await start();
    await world.api('sendInvoice', { chat_id: id, title: 'Coffee card', description: 'Ten coffees', payload: 'card', currency: 'XTR', prices: [{ label: 'Card', amount: 100 }] });
    const dialog = page.getByRole('dialog', { name: 'Checkout' });
    await log.getByRole('button', { name: 'Pay ★ 100' }).click();
    await dialog.getByLabel('Stars, too few').check();
    await dialog.getByRole('button', { name: 'Pay ★ 100' }).click();
    await dialog.getByText('The payment was declined').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await log.getByRole('button', { name: 'Pay ★ 100' }).click();
    await dialog.getByRole('button', { name: 'Pay ★ 100' }).click();
    await dialog.getByText('The bot got successful_payment').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await log.getByText(/paid ★ 100/).waitFor();
    await world.api('sendInvoice', { chat_id: id, title: 'Cup', description: 'A cup', payload: 'cup', currency: 'EUR', provider_token: 'p', prices: [{ label: 'Cup', amount: 500 }], reply_markup: { inline_keyboard: [[{ text: 'Buy', pay: true }]] } });
    await log.getByRole('button', { name: 'Buy' }).click();
    await dialog.getByRole('button', { name: 'Pay €5.00' }).click();
    await dialog.getByText('It says: “Sold out, sorry”').waitFor();
    await expectAccessible(page);
  });

  it('has the commands of the language of the person', async () => {
    await world.api('setMyCommands', { commands: [{ command: 'menu', description: 'See the menu' }] });
    await world.api('setMyCommands', { commands: [{ command: 'karte', description: 'Die Karte' }], language_code: 'de' });
    const { page, id, field } = await start({ dark: true });
    await expect.poll(async () => (await world.sim(`playground/${world.username}?user_id=${id}`)).commands.length).toBe(1);
    await page.getByRole('button', { name: 'Commands' }).click();
    await page.getByRole('option', { name: '/menu See the menu' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByLabel(/^Language of/).selectOption('de');
    await page.getByRole('button', { name: 'Commands' }).waitFor();
    await field.fill('/k');
    await page.getByRole('option', { name: '/karte Die Karte' }).waitFor();
    await field.press('Enter');
    await page.getByRole('log').getByText('/karte').waitFor();
    const { messages } = await world.sim(`chats/${encodeURIComponent(world.token)}/${id}/messages`);
    expect(messages.at(-1).from.language_code).toBe('de');
  });

  it('left nothing in the console', () => {
    expect(world.problems).toEqual([]);
  });
});
