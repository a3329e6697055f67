import { describe, expect, it } from 'vitest';
import { ANN, BOB, setup } from './harness.ts';

describe('the Bot API', () => {
  it('refuses an unknown token and an unknown method as Telegram does', async () => {
    const { api, bot } = await setup();
    expect(await api('1:NO', 'getMe')).toEqual({ status: 401, body: { ok: false, error_code: 401, description: 'Unauthorized' } });
    expect((await api(await bot(), 'sendNonsense')).body).toEqual({ ok: false, error_code: 404, description: 'Not Found: method not found' });
  });

  it('reads parameters from the query, forms, JSON and uploads, with method names in any case', async () => {
    const { url, sim, bot, ask } = await setup();
    const token = await bot();
    await sim('messages', { token, from: ANN, text: 'hi' });
    const base = `${url}/bot${token}`;
    const upload = new FormData();
    upload.set('chat_id', String(ANN.id));
    upload.set('photo', new Blob(['abc'], { type: 'image/png' }), 'a.png');
    const answers = await Promise.all([
      ask('GET', `/bot${token}/SENDMESSAGE?chat_id=${ANN.id}&text=query`),
      fetch(`${base}/sendMessage`, { method: 'POST', body: new URLSearchParams({ chat_id: String(ANN.id), text: 'form', reply_markup: '{"force_reply":true}' }) }).then((r) => r.json()),
      fetch(`${base}/sendPhoto`, { method: 'POST', body: upload }).then((r) => r.json()),
      fetch(`${base}/getMe`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '' }).then((r) => r.json()),
    ]) as { ok?: boolean; body?: { ok: boolean } }[];
    expect(answers.map((answer) => answer.ok ?? answer.body?.ok)).toEqual([true, true, true, true]);
    const bad = await fetch(`${base}/getMe`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
    expect(await bad.json()).toEqual({ ok: false, error_code: 400, description: "Bad Request: can't parse request body" });
  });

  it('gives back an uploaded file', async () => {
    const { url, sim, bot, api } = await setup();
    const token = await bot();
    const { message } = await sim('messages', { token, from: ANN, document: { base64: Buffer.from('hello').toString('base64'), file_name: 'h.txt' } });
    const { body } = await api(token, 'getFile', { file_id: message.document.file_id });
    expect(await (await fetch(`${url}/file/bot${token}/${body.result.file_path}`)).text()).toBe('hello');
  });

  it('refuses what Telegram refuses, in its words', async () => {
    const { sim, bot, api } = await setup();
    const token = await bot();
    await sim('messages', { token, from: ANN, text: 'hi' });
    const { body } = await api(token, 'sendMessage', { chat_id: ANN.id, text: 'mine' });
    const mine = body.result.message_id as number;
    const chat_id = ANN.id;
    const rows: [string, object, string][] = [
      ['sendMessage', { text: 'x' }, 'Bad Request: chat_id is empty'],
      ['sendMessage', { chat_id: 5, text: 'x' }, 'Bad Request: chat not found'],
      ['sendMessage', { chat_id: '@nobody', text: 'x' }, 'Bad Request: chat not found'],
      ['sendMessage', { chat_id }, 'Bad Request: message text is empty'],
      ['sendMessage', { chat_id, text: ' \n ' }, 'Bad Request: message text is empty'],
      ['sendMessage', { chat_id, text: 'x'.repeat(4097) }, 'Bad Request: message is too long'],
      ['sendMessage', { chat_id, text: 'x', reply_parameters: { message_id: 99 } }, 'Bad Request: message to be replied not found'],
      ['sendMessage', { chat_id, text: '<b>x', parse_mode: 'HTML' }, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""],
      ['sendMessage', { chat_id, text: 'x', reply_markup: '{' }, "Bad Request: can't parse reply keyboard markup JSON object"],
      ['sendPhoto', { chat_id }, 'Bad Request: there is no photo in the request'],
      ['editMessageText', { chat_id, message_id: mine, text: 'mine' }, 'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'],
      ['editMessageText', { chat_id, message_id: 99, text: 'x' }, 'Bad Request: message to edit not found'],
      ['editMessageText', { chat_id, message_id: 1, text: 'x' }, "Bad Request: message can't be edited"],
      ['deleteMessage', { chat_id, message_id: 99 }, 'Bad Request: message to delete not found'],
      ['answerCallbackQuery', { callback_query_id: '1' }, 'Bad Request: query is too old and response timeout expired or query ID is invalid'],
      ['sendChatAction', { chat_id, action: 'dancing' }, 'Bad Request: wrong parameter action in request'],
      ['setWebhook', { url: 'ftp://x.dev' }, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook'],
      ['setWebhook', { url: 'https://x.dev', secret_token: 'no blanks' }, 'Bad Request: secret token contains unallowed characters'],
      ['setMyCommands', { commands: [{ command: 'No Go', description: 'x' }] }, 'Bad Request: BOT_COMMAND_INVALID'],
    ];
    for (const [method, params, description] of rows) {
      expect(await api(token, method, params), `${method} ${JSON.stringify(params).slice(0, 80)}`).toEqual({ status: 400, body: { ok: false, error_code: 400, description } });
    }
  });

  it('keeps reply keyboards with the message but leaves them out of the answer', async () => {
    const { sim, bot, api, get } = await setup();
    const token = await bot();
    await sim('messages', { token, from: ANN, text: 'hi' });
    const keyboard = await api(token, 'sendMessage', { chat_id: ANN.id, text: 'a', reply_markup: { keyboard: [['yes', 'no']] } });
    const inline = await api(token, 'sendMessage', { chat_id: ANN.id, text: 'b', reply_markup: { inline_keyboard: [[{ text: 'B', callback_data: 'b' }]] } });
    expect(keyboard.body.result.reply_markup).toBeUndefined();
    expect(inline.body.result.reply_markup.inline_keyboard[0][0].text).toBe('B');
    const { messages } = await get(`chats/${token}/${ANN.id}/messages?after=1`);
    expect(messages.map((m: { reply_markup: unknown }) => m.reply_markup)).toEqual([
      { keyboard: [[{ text: 'yes' }, { text: 'no' }]] }, { inline_keyboard: [[{ text: 'B', callback_data: 'b' }]] },
    ]);
  });

  it('edits text and keyboards and deletes, and the chat shows it', async () => {
    const { sim, bot, api, get } = await setup();
    const token = await bot();
    await sim('messages', { token, from: ANN, text: 'hi' });
    const place = { chat_id: ANN.id, message_id: 2 };
    await api(token, 'sendMessage', { chat_id: ANN.id, text: 'a', reply_markup: { inline_keyboard: [[{ text: 'B', callback_data: 'b' }]] } });
    expect((await api(token, 'editMessageReplyMarkup', place)).body.result.reply_markup).toBeUndefined();
    expect((await api(token, 'editMessageText', { ...place, text: '*new*', parse_mode: 'MarkdownV2' })).body.result).toMatchObject({ text: 'new', entities: [{ type: 'bold' }] });
    expect((await api(token, 'deleteMessage', place)).body).toEqual({ ok: true, result: true });
    const { events } = await get(`chats/${token}/${ANN.id}/events?after=0`);
    expect(events.map((event: { kind: string }) => event.kind)).toEqual(['message', 'message', 'edit', 'edit', 'delete']);
    expect((await get(`chats/${token}/${ANN.id}/messages`)).messages).toHaveLength(1);
  });

  it('keeps commands by scope and language', async () => {
    const { bot, api, get } = await setup();
    const token = await bot({ username: 'menu_bot' });
    await api(token, 'setMyCommands', { commands: [{ command: '/Start', description: 'Begin' }] });
    await api(token, 'setMyCommands', { commands: [{ command: 'start', description: 'Anfangen' }], language_code: 'de' });
    expect((await api(token, 'getMyCommands', {})).body.result).toEqual([{ command: 'start', description: 'Begin' }]);
    expect((await api(token, 'getMyCommands', { language_code: 'uk' })).body.result).toEqual([]);
    const seen = async (language: string): Promise<unknown> => (await get(`playground/menu_bot?user_id=${ANN.id}&language=${language}`)).commands[0].description;
    expect([await seen('de'), await seen('uk')]).toEqual(['Anfangen', 'Begin']);
    await api(token, 'deleteMyCommands', { language_code: 'de' });
    expect(await seen('de')).toBe('Begin');
  });

  it('refuses messages to somebody who blocked the bot, until they come back', async () => {
    const { sim, bot, api, ask } = await setup();
    const token = await bot();
    await sim('messages', { token, from: BOB, text: 'hi' });
    await sim('block', { token, from: BOB, blocked: true });
    expect(await api(token, 'sendMessage', { chat_id: BOB.id, text: 'x' })).toEqual({
      status: 403, body: { ok: false, error_code: 403, description: 'Forbidden: bot was blocked by the user' },
    });
    expect((await ask('POST', '/_sim/messages', { token, from: BOB, text: 'x' })).status).toBe(409);
    await sim('block', { token, from: BOB, blocked: false });
    expect((await api(token, 'sendMessage', { chat_id: BOB.id, text: 'x' })).status).toBe(200);
  });
});
