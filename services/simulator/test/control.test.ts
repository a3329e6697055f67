import { describe, expect, it } from 'vitest';
import { ANN, BOB, setup, webhook } from './harness.ts';
import type { Json } from './harness.ts';

const BUTTON = { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }, { text: 'Site', url: 'https://x.dev' }]] };

describe('the control interface', () => {
  it('gives the same bot for the same token, and names a taken username', async () => {
    const { sim, ask } = await setup();
    const first = await sim('bots', { token: '77:ABC', username: 'one_bot' });
    expect(first).toEqual({ token: '77:ABC', id: 77, username: 'one_bot' });
    expect(await sim('bots', { token: '77:ABC', username: 'other_bot' })).toEqual(first);
    const taken = await ask('POST', '/_sim/bots', { username: 'ONE_bot' });
    expect([taken.status, taken.body.error]).toEqual([409, expect.stringContaining('username')]);
  });

  it.each([
    ['messages', { from: ANN }, 'token'], ['messages', { token: 'T', from: {} }, 'from.id'], ['messages', { token: 'T', from: ANN, text: 5 }, 'text'],
    ['callbacks', { token: 'T', from: ANN, chat_id: 1, message_id: 1 }, 'data'], ['faults', { kind: 'fire' }, 'kind'],
    ['block', { token: 'T', from: ANN, blocked: 'yes' }, 'blocked'], ['chats', { type: 'private' }, 'type'], ['bots', { name: 'x' }, 'name'],
    ['updates', { token: 'T', update: {} }, 'update'], ['nonsense', {}, 'path'],
  ])('names the wrong field of %s %j: %s', async (path, body, field) => {
    const { ask } = await setup({ bots: [{ token: 'T' }] });
    const { status, body: answer } = await ask('POST', `/_sim/${path}`, body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(answer.error).toEqual(expect.stringContaining(`${field}:`));
  });

  it('fills a message with id, date, chat and entities', async () => {
    const { sim } = await setup({ bots: [{ token: 'T' }] });
    const { message, update_id } = await sim('messages', { token: 'T', from: ANN, text: '/start a@b.org' });
    expect(update_id).toBeGreaterThan(0);
    expect(message).toMatchObject({
      message_id: 1, chat: { id: ANN.id, type: 'private', first_name: 'Ann' }, from: { is_bot: false, language_code: 'en' },
      entities: [{ type: 'bot_command', offset: 0, length: 6 }, { type: 'email', offset: 7, length: 7 }],
    });
    const photo = await sim('messages', { token: 'T', from: ANN, photo: {}, caption: 'see @someone' });
    expect(photo.message.photo[0]).toMatchObject({ file_id: expect.any(String), width: 640 });
    expect(photo.message.caption_entities).toEqual([{ type: 'mention', offset: 4, length: 8 }]);
  });

  it('presses a button by data or label and waits for the answer', async () => {
    const { sim, ask, api } = await setup({ bots: [{ token: 'T' }] });
    const hook = await webhook((update) => {
      const id = update.callback_query?.id as string | undefined;
      return id === undefined ? {} : { body: { method: 'answerCallbackQuery', callback_query_id: id, text: 'ok', show_alert: true } };
    });
    await sim('messages', { token: 'T', from: ANN, text: 'x' });
    await api('T', 'sendMessage', { chat_id: ANN.id, text: 'b', reply_markup: BUTTON });
    await api('T', 'setWebhook', { url: hook.url });
    const press = { token: 'T', from: ANN, chat_id: ANN.id, message_id: 2 };
    expect((await sim('callbacks', { ...press, text: 'Yes', wait: 10 })).answer).toEqual({ text: 'ok', show_alert: true, url: '' });
    expect((await hook.until(2))[1]?.update.callback_query).toMatchObject({ data: 'y', from: { id: ANN.id }, message: { message_id: 2, text: 'b' } });
    for (const wrong of [{ data: 'no' }, { text: 'No' }, { text: 'Site' }]) {
      expect((await ask('POST', '/_sim/callbacks', { ...press, ...wrong })).status).toBe(409);
    }
    expect((await sim('callbacks', { ...press, data: 'old', force: true })).update_id).toBeGreaterThan(0);
    expect((await sim('callbacks', { ...press, data: 'y', wait: 0 })).answer).toBeNull();
  });

  it('hides small talk of a group from a bot in privacy mode', async () => {
    const { sim } = await setup({ bots: [{ token: 'T' }, { token: 'ADMIN' }] });
    const chat = await sim('chats', { type: 'supergroup', title: 'G', members: [ANN], bots: [{ token: 'T' }, { token: 'ADMIN', status: 'administrator' }] });
    expect(chat).toMatchObject({ type: 'supergroup', title: 'G' });
    const say = async (token: string, text: string): Promise<unknown> => (await sim('messages', { token, from: ANN, chat: chat.id, text })).update_id;
    expect(await say('T', 'small talk')).toBeNull();
    expect(await say('T', '/go')).not.toBeNull();
    expect(await say('ADMIN', 'small talk')).not.toBeNull();
    await sim('members', { chat_id: chat.id, token: 'T', status: 'kicked' });
    expect(await say('T', '/go')).toBeNull();
  });

  it('answers a long poll as soon as something is there, and with nothing when the time is over', async () => {
    const { sim, get, api } = await setup({ bots: [{ token: 'T' }] });
    const started = Date.now();
    const waiting = Promise.all([get(`chats/T/${ANN.id}/messages?after=1&wait=20`), get(`chats/T/${ANN.id}/events?after=1&wait=20`), get('calls?token=T&method=sendMessage&wait=20')]);
    await sim('messages', { token: 'T', from: ANN, text: 'x' });
    await sim('messages', { token: 'T', from: BOB, text: 'not this chat' });
    await api('T', 'sendMessage', { chat_id: ANN.id, text: 'y' });
    const [{ messages }, { events }, { calls }] = await waiting;
    expect([messages[0].text, events.at(-1).message.text, calls[0].params.text]).toEqual(['y', 'y', 'y']);
    expect(calls[0]).toMatchObject({ method: 'sendMessage', status: 200, files: [], response: { ok: true } });
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(await get(`chats/T/${BOB.id}/messages?after=99&wait=0.05`)).toEqual({ messages: [] });
  });

  it('resets one bot without touching another, and goes on counting', async () => {
    const { sim, get, api } = await setup({ bots: [{ token: 'A' }, { token: 'B' }] });
    const before = await sim('messages', { token: 'A', from: ANN, text: 'x' });
    await sim('messages', { token: 'B', from: ANN, text: 'x' });
    await sim('faults', { token: 'A', kind: '500', count: 5 });
    await sim('reset', { token: 'A' });
    expect((await get(`chats/A/${ANN.id}/messages`)).messages).toEqual([]);
    expect((await get(`chats/B/${ANN.id}/messages`)).messages).toHaveLength(1);
    expect((await api('A', 'getMe')).status).toBe(200);
    const after = await sim('messages', { token: 'A', from: ANN, text: 'x' });
    expect(after.update_id).toBeGreaterThan(before.update_id);
    await sim('reset', {});
    expect((await get(`chats/B/${ANN.id}/messages`)).messages).toEqual([]);
  });

  it('deletes as a person: any message of the private chat, their own in a group, all as an administrator; the bot is not told', async () => {
    const { sim, ask, get, api } = await setup({ bots: [{ token: 'T' }] });
    await sim('messages', { token: 'T', from: ANN, text: 'mine' });
    await api('T', 'sendMessage', { chat_id: ANN.id, text: 'the bot\'s' });
    for (const message_id of [1, 2]) expect(await sim('deletes', { token: 'T', from: ANN, chat_id: ANN.id, message_id })).toEqual({ ok: true });
    expect((await get(`chats/T/${ANN.id}/messages`)).messages).toEqual([]);
    expect((await ask('POST', '/_sim/deletes', { token: 'T', from: ANN, chat_id: ANN.id, message_id: 1 })).status).toBe(404);

    const { id: chat } = await sim('chats', { type: 'supergroup', title: 'G', members: [ANN, BOB], bots: [{ token: 'T', status: 'administrator' }] });
    const { message } = await sim('messages', { token: 'T', from: ANN, chat, text: 'Ann\'s' });
    const asBob = { token: 'T', from: BOB, chat_id: chat, message_id: message.message_id };
    const refused = await ask('POST', '/_sim/deletes', asBob);
    expect([refused.status, refused.body.error]).toEqual([409, expect.stringContaining('only its author or an administrator')]);
    await sim('members', { chat_id: chat, user: BOB, status: 'administrator' });
    await sim('deletes', asBob);
    expect((await get(`chats/T/${chat}/events?after=0`)).events.at(-1)).toMatchObject({ kind: 'delete', message_id: message.message_id });
    const updates: Json[] = (await api('T', 'getUpdates')).body.result;
    expect(updates.flatMap((update) => Object.keys(update)).filter((key) => key.includes('delete'))).toEqual([]);
  });

  it('turns privacy mode off and on, in all groups at once', async () => {
    const { sim, get, api } = await setup({ bots: [{ token: 'T', username: 'quiet_bot' }] });
    const { id: chat } = await sim('chats', { type: 'group', title: 'G', members: [ANN], bots: [{ token: 'T' }] });
    const say = async (): Promise<unknown> => (await sim('messages', { token: 'T', from: ANN, chat, text: 'small talk' })).update_id;
    expect(await say()).toBeNull();
    expect(await sim('privacy', { token: 'T', privacy: false })).toEqual({ ok: true });
    expect(await say()).not.toBeNull();
    expect((await api('T', 'getMe')).body.result.can_read_all_group_messages).toBe(true);
    expect((await get(`playground/quiet_bot?user_id=${ANN.id}`)).privacy).toBe(false);
    await sim('privacy', { token: 'T', privacy: true });
    expect(await say()).toBeNull();
    expect((await api('T', 'getMe')).body.result.can_read_all_group_messages).toBe(false);
  });

  it('exports which messages answer an update, as long as the bot has it in hand', async () => {
    const { sim, get, bot, api } = await setup();
    const token = await bot({ username: 'slow_bot' });
    const { update_id } = await sim('messages', { token, from: ANN, text: '/start' });
    await api(token, 'sendMessage', { chat_id: ANN.id, text: 'an answer' });
    await api(token, 'getUpdates', { offset: Number(update_id) + 1 });
    // Times are whole milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await api(token, 'sendMessage', { chat_id: ANN.id, text: 'by itself' });
    const { entries } = await get(`playground/slow_bot/transcript?chat_id=${ANN.id}`);
    expect(entries.map(({ message, isAnswer }: Json) => [message.text, isAnswer])).toEqual([['/start', undefined], ['an answer', true], ['by itself', false]]);
  });

  it('tells what stands behind a message', async () => {
    const { sim, get, bot, api } = await setup();
    const token = await bot({ username: 'trace_bot' });
    await sim('messages', { token, from: ANN, text: '/start' });
    await api(token, 'sendMessage', { chat_id: ANN.id, text: 'welcome' });
    const asked = await get(`playground/trace_bot/trace?chat_id=${ANN.id}&message_id=1`);
    expect(asked.updates[0]).toMatchObject({ kind: 'message', pending: true, calls: [{ method: 'sendMessage' }] });
    const told = await get(`playground/trace_bot/trace?chat_id=${ANN.id}&message_id=2`);
    expect(told).toMatchObject({ sentBy: { params: { text: 'welcome' } }, answers: { kind: 'message' }, updates: [] });
  });

  it('lets no page of another site in', async () => {
    const { url } = await setup();
    expect((await fetch(`${url}/_sim/stats`, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await fetch(`${url}/_sim/stats`, { headers: { origin: url } })).status).toBe(200);
  });
});

describe('faults', () => {
  it('make calls fail as told, as often as told', async () => {
    const { sim, api, get } = await setup({ bots: [{ token: 'T' }] });
    await sim('messages', { token: 'T', from: ANN, text: 'x' });
    const send = (): Promise<{ status: number; body: unknown }> => api('T', 'sendMessage', { chat_id: ANN.id, text: 'y' });
    await sim('faults', { token: 'T', method: 'sendMessage', kind: '429', retry_after: 7, count: 1 });
    await sim('faults', { token: 'T', chat_id: ANN.id, kind: 403, count: 1 });
    await sim('faults', { token: 'T', kind: 401, count: 1 });
    expect((await send()).body).toEqual({ ok: false, error_code: 429, description: 'Too Many Requests: retry after 7', parameters: { retry_after: 7 } });
    expect((await send()).status).toBe(403);
    expect((await send()).body).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' });
    expect((await send()).status).toBe(200);
    expect((await get(`chats/T/${ANN.id}/messages?after=1`)).messages).toHaveLength(1);
    expect((await get('calls?token=T')).calls.map((call: { fault?: string }) => call.fault)).toEqual(['429', '403', '401', undefined]);
  });

  it('break the connection before or after the work was done', async () => {
    const { sim, api, get } = await setup({ bots: [{ token: 'T' }] });
    await sim('messages', { token: 'T', from: ANN, text: 'x' });
    const send = (text: string): Promise<unknown> => api('T', 'sendMessage', { chat_id: ANN.id, text });
    for (const [kind, delay_ms] of [['reset', 0], ['timeout', 50], ['sent_then_reset', 0]] as const) {
      await sim('faults', { token: 'T', kind, delay_ms });
      await expect(send(kind)).rejects.toThrow();
    }
    await sim('faults', { token: 'T', kind: 'slow', delay_ms: 50 });
    await send('slow');
    const { messages } = await get(`chats/T/${ANN.id}/messages?after=1`);
    expect(messages.map((m: { text: string }) => m.text)).toEqual(['sent_then_reset', 'slow']);
    expect((await get('calls?token=T')).calls.map((call: { status: unknown }) => call.status)).toEqual([null, null, null, 200]);
  });

  it('are listed with those of all bots, until they have happened', async () => {
    const { sim, api, get } = await setup({ bots: [{ token: 'T' }, { token: 'U' }] });
    const { id } = await sim('faults', { token: 'T', method: 'sendMessage', kind: '429', retry_after: 7, count: 2 });
    const { id: forAll } = await sim('faults', { kind: 'slow', delay_ms: 1, count: 9 });
    await sim('faults', { token: 'U', chat_id: ANN.id, kind: '403' });
    const of = async (token: string): Promise<Json[]> => (await get(`faults?token=${token}`)).faults;
    expect(await of('T')).toEqual([
      { id, token: 'T', method: 'sendMessage', kind: '429', retryAfterS: 7, count: 2 }, { id: forAll, kind: 'slow', delayMs: 1, count: 9 },
    ]);
    expect((await of('U')).map(({ kind }) => kind)).toEqual(['slow', '403']);
    expect((await get('faults')).faults).toHaveLength(3);
    for (const count of [1, undefined]) {
      await api('T', 'sendMessage', { chat_id: ANN.id, text: 'y' });
      expect((await of('T')).find((fault) => fault.id === id)?.count).toBe(count);
    }
  });

  it('can be taken back', async () => {
    const { sim, api, ask } = await setup({ bots: [{ token: 'T' }] });
    const { id } = await sim('faults', { token: 'T', kind: '500', count: 9 });
    expect((await ask('DELETE', `/_sim/faults/${id}`)).status).toBe(200);
    expect((await api('T', 'getMe')).status).toBe(200);
    expect((await ask('DELETE', `/_sim/faults/${id}`)).status).toBe(404);
  });
});
