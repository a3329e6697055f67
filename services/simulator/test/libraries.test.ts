import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/index.ts';
import type { RunningSimulator } from '../src/index.ts';
import { ANN, clientOf, eventually } from './harness.ts';
import type { Json } from './harness.ts';
import { startGrammyBots } from './libraries/grammy-bots.ts';
import { BOT_KINDS } from './libraries/library-bots.ts';
import type { BotKind, LibraryBots } from './libraries/library-bots.ts';
import { AIOGRAM, PYTHON_TELEGRAM_BOT, hasPython, installLibrary, startPythonBots } from './libraries/python-bots.ts';

const WAYS = ['polling', 'webhook'] as const;
const TEXT = 'привіт';

/** The client libraries as they come from their registries; nothing about them knows that this is not Telegram. */
const LIBRARIES: [name: string, isHere: boolean, start: (bots: LibraryBots) => Promise<() => Promise<void>>][] = [
  ['grammY', true, startGrammyBots],
  ['aiogram', hasPython(), (bots) => startPythonBots(AIOGRAM, bots)],
  ['python-telegram-bot', hasPython(), (bots) => startPythonBots(PYTHON_TELEGRAM_BOT, bots)],
];

beforeAll(async () => { if (hasPython()) for (const library of [AIOGRAM, PYTHON_TELEGRAM_BOT]) await installLibrary(library); }, 300_000);

describe.each(LIBRARIES)('%s', (_name, isHere, start) => {
  let simulator: RunningSimulator;
  let client: ReturnType<typeof clientOf>;
  let bots: LibraryBots;
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    if (!isHere) return;
    simulator = await startSimulator();
    client = clientOf(simulator.url);
    const tokens = async (): Promise<Record<BotKind, string>> => Object.fromEntries(await Promise.all(BOT_KINDS.map(async (kind) => [kind, await client.bot()]))) as Record<BotKind, string>;
    bots = { apiUrl: simulator.url, polling: await tokens(), webhook: await tokens() };
    stop = await start(bots);
  }, 150_000);
  afterAll(async () => {
    await stop?.();
    if (isHere) await simulator.close();
  });

  /** What the bot said after a message. */
  const answer = async (token: string, after: number): Promise<Json> => eventually(async () => {
    const { messages } = await client.get(`chats/${token}/${ANN.id}/messages?after=${after}&wait=5`);
    return messages.find((message: Json) => message.from.is_bot) ?? null;
  });
  const say = async (token: string, content: object): Promise<Json> => answer(token, (await client.sim('messages', { token, from: ANN, ...content })).message_id);

  it.runIf(isHere).each(WAYS)('runs an echo bot by %s', async (way) => {
    expect((await say(bots[way].echo, { text: TEXT })).text).toBe(TEXT);
  });

  it.runIf(isHere).each(WAYS)('runs a keyboard bot by %s', async (way) => {
    const token = bots[way].keyboard;
    const { message_id, reply_markup } = await say(token, { text: '/start' });
    expect(reply_markup.inline_keyboard[0].map((button: Json) => button.text)).toEqual(['Yes', 'No']);
    const { answer: toast } = await client.sim('callbacks', { token, from: ANN, chat_id: ANN.id, message_id, text: 'Yes', wait: 10 });
    expect(toast.text).toBe('You chose yes');
    await eventually(async () => ((await answer(token, message_id - 1)).text === 'Chosen: yes' ? true : null));
  });

  it.runIf(isHere).each(WAYS)('runs a file bot by %s', async (way) => {
    const token = bots[way].file;
    const { document, caption } = await say(token, { document: { base64: Buffer.from('quiet').toString('base64'), file_name: 'quiet.txt' } });
    expect([caption, document.file_name]).toEqual(['5 bytes', 'loud.txt']);
    expect(await (await fetch(`${simulator.url}/_sim/files/${token}/${document.file_id}`)).text()).toBe('QUIET');
  });

  it.runIf(isHere).each(WAYS)('runs a payment bot by %s', async (way) => {
    const token = bots[way].payment;
    const { message_id, invoice } = await say(token, { text: '/buy' });
    expect(invoice).toMatchObject({ title: 'Tea', currency: 'XTR', total_amount: 50 });
    expect(await client.sim('pay', { token, from: ANN, invoice_message_id: message_id, wait: 10 })).toMatchObject({ status: 'paid' });
    expect((await answer(token, message_id)).text).toBe('Paid 50 XTR');
  });

  it.runIf(isHere)('sent no call that was refused', async () => {
    for (const way of WAYS) {
      for (const token of Object.values(bots[way])) {
        const { calls } = await client.get(`calls?token=${encodeURIComponent(token)}`);
        expect(calls.filter((call: Json) => call.status !== 200).map((call: Json) => `${call.method} ${call.response?.description}`)).toEqual([]);
      }
    }
  });
});
