import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '@botplane/simulator';
import { startBrowser } from '@botplane/testing/browser';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PlaygroundWorld, expectAccessible } from '../src/playground.ts';
import type { Json, Script } from '../src/playground.ts';

let browser: Browser;
let world: PlaygroundWorld;
let nextUser = 7_000;

/** A tenth of a second of silence. */
const WAV = Buffer.concat([Buffer.from('RIFF'), Buffer.from([0x44, 3, 0, 0]), Buffer.from('WAVEfmt '), Buffer.from([16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0]), Buffer.from('data'), Buffer.from([0x20, 3, 0, 0]), Buffer.alloc(800, 128)]);

const script: Script = ({ message, my_chat_member: changed, chat_join_request: request }, api) => {
  if (request) return api('sendMessage', { chat_id: request.user_chat_id, text: 'Somebody will look at it' });
  if (changed?.new_chat_member.status === 'member' && changed.chat.type === 'private') return api('sendMessage', { chat_id: changed.chat.id, text: 'Welcome back' });
  if (message?.chat.type !== 'private' || message.text === undefined) return undefined;
  return api('sendMessage', { chat_id: message.chat.id, text: message.text === '/start' ? 'Ready' : `You said ${message.text}` });
};

beforeAll(async () => {
  browser = await startBrowser();
  world = await PlaygroundWorld.start(browser, script);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

async function open(id: number, look: Parameters<PlaygroundWorld['open']>[1] = {}): Promise<Page> {
  const page = await world.open(`?panes=${id}`, look);
  onTestFinished(() => page.context().close());
  return page;
}

/** Somebody new, who pressed Start. */
async function start(look: Parameters<PlaygroundWorld['open']>[1] = {}): Promise<{ page: Page; id: number }> {
  const id = nextUser++;
  const page = await open(id, look);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('log').getByText('Ready').waitFor();
  return { page, id };
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
}

describe('[C6] the playground over time', () => {
  it('reconnects when the simulator was away, and shows what happened meanwhile', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'playground-'));
    const bots = [{ token: '42:again', username: 'again_bot' }];
    let simulator = await startSimulator({ stateDir, bots });
    const post = async (path: string, body: object): Promise<Json> => (await fetch(`${simulator.url}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
    const page = await browser.newPage({ reducedMotion: 'reduce' });
    onTestFinished(async () => {
      await page.close();
      await simulator.close();
      await rm(stateDir, { recursive: true, force: true });
    });
    const from = { id: 1001, first_name: 'Ann', language_code: 'en' };
    await post('_sim/messages', { token: '42:again', from, text: 'before' });
    await page.goto(`${simulator.url}/play/again_bot?panes=1001`);
    const log = page.getByRole('log');
    await log.getByText('before').waitFor();
    await simulator.close();
    await page.getByRole('alert').getByText('No connection to the simulator').waitFor();
    await page.getByText('reconnecting …').waitFor();
    await expectAccessible(page);
    simulator = await startSimulator({ stateDir, bots, port: Number(new URL(simulator.url).port) });
    await post('bot42:again/sendMessage', { chat_id: 1001, text: 'while you were away' });
    await log.getByText('while you were away').waitFor();
    expect(await log.getByText('before').count()).toBe(1);
    await expect.poll(() => page.getByText('No connection to the simulator').count()).toBe(0);
    await say(page, 'and now');
    await log.getByText('and now').waitFor();
  });

  it('counts what came while one reads further up, in a long history that loads as one goes', async () => {
    const { page, id } = await start();
    const log = page.getByRole('log');
    for (let n = 1; n <= 70; n++) await world.sim('messages', { token: world.token, from: { id, first_name: 'Ann' }, text: `line ${n}` });
    await log.getByText('You said line 70', { exact: true }).waitFor();
    await page.reload();
    await log.getByText('You said line 70', { exact: true }).waitFor();
    expect(await log.getByText('line 1', { exact: true }).count()).toBe(0);
    const scroller = page.getByRole('region', { name: 'Messages' });
    await expect.poll(async () => {
      await scroller.evaluate((element) => { element.scrollTop = 0; });
      return log.getByText('line 1', { exact: true }).count();
    }).toBe(1);
    await world.api('sendMessage', { chat_id: id, text: 'news one' });
    await world.api('sendMessage', { chat_id: id, text: 'news two' });
    const newest = page.getByRole('button', { name: 'To the newest message, 2 new' });
    await newest.waitFor();
    await expect.poll(() => page.title()).toBe('(2) Cafe · Playground');
    await expectAccessible(page);
    await newest.click();
    await expect.poll(() => page.title()).toBe('Cafe · Playground');
    await log.getByText('news two').waitFor();
  });

  it('marks in the list the bots that have something new', async () => {
    const { page, id } = await start();
    const { token } = await world.sim('bots', { username: 'other_bot' });
    await world.sim('messages', { token, from: { id, first_name: 'Ann' }, text: 'hello' });
    const link = page.getByRole('navigation', { name: 'All bots' }).getByRole('link', { name: /Other/ });
    await link.getByText('hello').waitFor();
    expect(await link.getByText('New messages').count()).toBe(0);
    await fetch(`${world.url}/bot${token}/sendMessage`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ chat_id: id, text: 'news' }) });
    await link.getByText('New messages').waitFor();
    await expectAccessible(page);
    await link.click();
    await page.getByRole('heading', { level: 1, name: 'Other' }).waitFor();
    await expect.poll(() => link.getByText('New messages').count()).toBe(0);
  });

  it('blocks the bot, which gets 403, and unblocks it', async () => {
    const { page, id } = await start();
    await page.getByRole('button', { name: 'More about this chat' }).click();
    await page.getByRole('menuitem', { name: 'Block the bot' }).click();
    await page.getByText('You blocked this bot.').waitFor();
    expect(await world.api('sendMessage', { chat_id: id, text: 'x' })).toMatchObject({ error_code: 403, description: 'Forbidden: bot was blocked by the user' });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Unblock', exact: true }).click();
    await page.getByRole('log').getByText('Welcome back').waitFor();
    await say(page, 'thanks');
    await page.getByRole('log').getByText('You said thanks').waitFor();
  });

  it('asks to join a group and gets in when the bot approves', async () => {
    const { page, id } = await start();
    const { id: chat } = await world.sim('chats', { type: 'supergroup', title: 'Members only', members: [{ id: 6_999, first_name: 'Eve' }], bots: [{ token: world.token, status: 'administrator' }] });
    await page.goto(`${world.url}/play/${world.username}?panes=${id}:${chat}`);
    await page.getByText('You are not in this group.').waitFor();
    await page.getByRole('button', { name: 'Ask to join' }).click();
    await page.getByText('You asked to join.').waitFor();
    await expectAccessible(page);
    await expect.poll(async () => (await world.sim(`chats/${encodeURIComponent(world.token)}/${id}/messages`)).messages.at(-1).text).toBe('Somebody will look at it');
    expect(await world.api('approveChatJoinRequest', { chat_id: chat, user_id: id })).toMatchObject({ ok: true });
    await say(page, 'glad to be here');
    await page.getByRole('log').getByText('glad to be here').waitFor();
  });

  it('creates a bot and opens its chat; a username that is taken is refused', async () => {
    const page = await world.open('', { path: '/play' });
    onTestFinished(() => page.context().close());
    await page.getByRole('button', { name: 'Create a bot' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create a bot' });
    await dialog.getByLabel('Username').fill(world.username);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Username').fill('brand_new_bot');
    await dialog.getByLabel('Privacy mode').uncheck();
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    const token = (await dialog.locator('pre').textContent()) ?? '';
    await expectAccessible(page);
    expect(await (await fetch(`${world.url}/bot${token}/getMe`)).json()).toMatchObject({ result: { username: 'brand_new_bot', can_read_all_group_messages: true } });
    await dialog.getByRole('button', { name: 'Copy' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(token);
    await dialog.getByRole('button', { name: 'Open the chat' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
    expect(page.url()).toContain('/play/brand_new_bot');
  });

  it('goes from the theme of the system to light and dark, and keeps the choice', async () => {
    const { page } = await start();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole('button', { name: 'Theme: as the system. Change to light' }).click();
    expect(await ground()).toBe(light);
    await page.getByRole('button', { name: 'Theme: light. Change to dark' }).click();
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    await expectAccessible(page);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: dark. Change to as the system' }).waitFor();
    expect(await ground()).toBe(dark);
  });

  it('plays sound and film of the bot, and shows a card for what has no content', async () => {
    const { page, id } = await start();
    const log = page.getByRole('log');
    const send = async (method: string, field: string, file: File, more: Readonly<Record<string, string>> = {}): Promise<void> => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ chat_id: String(id), ...more })) form.set(name, value);
      form.set(field, file);
      expect(await (await fetch(`${world.url}/bot${world.token}/${method}`, { method: 'POST', body: form })).json()).toMatchObject({ ok: true });
    };
    await send('sendAudio', 'audio', new File([WAV], 'song.wav', { type: 'audio/wav' }), { title: 'Silence', performer: 'Nobody' });
    await send('sendVoice', 'voice', new File([WAV], 'word.ogg', { type: 'audio/ogg' }));
    await send('sendVideo', 'video', new File([Buffer.from('no film')], 'film.mp4', { type: 'video/mp4' }));
    const sound = log.getByLabel('Nobody – Silence');
    await sound.waitFor();
    await log.getByLabel('Voice message').waitFor();
    // Chromium is built without H.264 here: a film that cannot be shown becomes a card, which says so.
    await log.getByText('film.mp4').waitFor();
    expect(await sound.evaluate((element: HTMLAudioElement) => new Promise((resolve) => {
      element.addEventListener('loadedmetadata', () => resolve(element.duration));
      element.preload = 'metadata';
      element.load();
    }))).toBeCloseTo(0.1, 2);
    await expectAccessible(page);
  });

  it('slows the network down, refuses and drops calls of the bot, until the faults are removed', async () => {
    const { page, id } = await start();
    await page.getByRole('button', { name: 'Network and faults' }).click();
    const dialog = page.getByRole('dialog', { name: 'Network and faults' });
    await dialog.getByRole('switch').check();
    await dialog.getByText('Slow · any method · 2 s · until removed').waitFor();
    const startedMs = Date.now();
    await world.api('sendMessage', { chat_id: id, text: 'late' });
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(1_950);
    await dialog.getByRole('switch').uncheck();
    await dialog.getByText('None: calls of the bot').waitFor();
    const add = async (kind: string, told: string): Promise<void> => {
      await dialog.getByRole('combobox', { name: /^Fault/ }).selectOption(kind);
      await dialog.getByLabel('Method').fill('sendMessage');
      await dialog.getByRole('button', { name: 'Add the fault' }).click();
      await dialog.getByText(told).waitFor();
    };
    await add('403', '403 Forbidden · sendMessage · 1 left');
    expect(await world.api('sendMessage', { chat_id: id, text: 'refused' })).toMatchObject({ error_code: 403 });
    await add('sent_then_reset', 'Sent, then reset · sendMessage · 1 left');
    await expect(world.api('sendMessage', { chat_id: id, text: 'lost answer' })).rejects.toThrow();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('log').getByText('lost answer').waitFor();
    expect(await page.getByRole('log').getByText('refused').count()).toBe(0);
  });

  it('left nothing in the console', () => {
    expect(world.problems).toEqual([]);
  });
});
