import { describe, expect, it } from 'vitest';
import { ANN, BOB, eventually, setup, webhook } from './harness.ts';

describe('webhook delivery', () => {
  it('keeps updates until a webhook is set, then sends them with the secret, in order', async () => {
    const { sim, bot, api, get } = await setup();
    const hook = await webhook();
    const token = await bot();
    for (const text of ['1', '2', '3']) await sim('messages', { token, from: ANN, text });
    expect((await api(token, 'getWebhookInfo')).body.result).toMatchObject({ url: '', pending_update_count: 3 });
    expect((await api(token, 'setWebhook', { url: hook.url, secret_token: 'a-B_9' })).body).toEqual({ ok: true, result: true, description: 'Webhook was set' });
    const received = await hook.until(3);
    expect(received.map(({ update }) => update.message.text)).toEqual(['1', '2', '3']);
    expect(received[0]?.headers['x-telegram-bot-api-secret-token']).toBe('a-B_9');
    await eventually(async () => ((await get(`deliveries?token=${token}`)).pending === 0 ? true : null));
    expect((await api(token, 'setWebhook', { url: hook.url, secret_token: 'a-B_9' })).body.description).toBe('Webhook is already set');
    expect((await api(token, 'deleteWebhook')).body.description).toBe('Webhook was deleted');
  });

  it('tries again at once, then after 2 s, while others are not held up', async () => {
    const { sim, bot, api, get } = await setup();
    const hook = await webhook((update, n) => ({ status: update.message.from.id === ANN.id && n <= 3 ? 500 : 200 }));
    const token = await bot();
    await api(token, 'setWebhook', { url: hook.url });
    const { update_id } = await sim('messages', { token, from: ANN, text: 'a' });
    await hook.until(2);
    await sim('messages', { token, from: ANN, text: 'b' });
    await sim('messages', { token, from: BOB, text: 'c' });
    const received = await hook.until(5);
    expect(received.map(({ update }) => update.message.text)).toEqual(['a', 'a', 'c', 'a', 'b']);
    expect(received[3]!.atMs - received[1]!.atMs).toBeGreaterThan(1_800);
    const { deliveries } = await get(`deliveries?token=${token}&update_id=${update_id}`);
    expect(deliveries.map((d: { attempt: number; status: number }) => [d.attempt, d.status])).toEqual([[1, 500], [2, 500], [3, 200]]);
    expect((await api(token, 'getWebhookInfo')).body.result.last_error_message).toBe('Wrong response from the webhook: 500 Internal Server Error');
  });

  it('waits as long as Retry-After says', async () => {
    const { sim, bot, api } = await setup();
    const hook = await webhook((_update, n) => (n === 1 ? { status: 503, headers: { 'retry-after': '1' } } : {}));
    const token = await bot();
    await api(token, 'setWebhook', { url: hook.url });
    await sim('messages', { token, from: ANN, text: 'a' });
    const [first, second] = await hook.until(2);
    expect(second!.atMs - first!.atMs).toBeGreaterThan(900);
  });

  it('drops a webhook that is gone and keeps the update for the next one', async () => {
    const { sim, bot, api } = await setup();
    const gone = await webhook(() => ({ status: 410 }));
    const next = await webhook();
    const token = await bot();
    await api(token, 'setWebhook', { url: gone.url });
    await sim('messages', { token, from: ANN, text: 'a' });
    await gone.until(1);
    await eventually(async () => ((await api(token, 'getWebhookInfo')).body.result.url === '' ? true : null));
    await api(token, 'setWebhook', { url: next.url });
    expect((await next.until(1))[0]?.update.message.text).toBe('a');
  });

  it('opens no more than max_connections, one per chat', async () => {
    const { sim, bot, api } = await setup();
    const hook = await webhook(() => ({ delayMs: 30 }));
    const token = await bot();
    for (let user = 1; user <= 8; user++) for (const text of ['1', '2']) await sim('messages', { token, from: { id: user }, text });
    await api(token, 'setWebhook', { url: hook.url, max_connections: 3 });
    const received = await hook.until(16);
    expect(hook.openMax()).toBe(3);
    for (let user = 1; user <= 8; user++) {
      expect(received.filter(({ update }) => update.message.from.id === user).map(({ update }) => update.message.text)).toEqual(['1', '2']);
    }
  });

  it('does not order a press behind the messages of its chat', async () => {
    const { sim, bot, api } = await setup();
    const hook = await webhook((update) => ({ delayMs: update.message ? 300 : 0 }));
    const token = await bot();
    await sim('messages', { token, from: ANN, text: 'x' });
    await api(token, 'sendMessage', { chat_id: ANN.id, text: 'b', reply_markup: { inline_keyboard: [[{ text: 'B', callback_data: 'b' }]] } });
    await api(token, 'setWebhook', { url: hook.url });
    await sim('messages', { token, from: ANN, text: 'y' });
    await sim('callbacks', { token, from: ANN, chat_id: ANN.id, message_id: 2, data: 'b' });
    const received = await hook.until(3);
    expect(received.map(({ update }) => update.callback_query?.data ?? update.message.text)).toEqual(['x', 'b', 'y']);
  });

  it('performs a call that the answer carries, but none that reads or sets the webhook', async () => {
    const { sim, bot, api, get } = await setup();
    const hook = await webhook((update) => ({ body: update.message.text === 'say' ? { method: 'sendMessage', chat_id: ANN.id, text: 'said' } : { method: 'deleteWebhook' } }));
    const token = await bot();
    await api(token, 'setWebhook', { url: hook.url });
    await sim('messages', { token, from: ANN, text: 'drop' });
    await sim('messages', { token, from: ANN, text: 'say' });
    const { messages } = await get(`chats/${token}/${ANN.id}/messages?after=2&wait=10`);
    expect(messages.map((m: { text: string }) => m.text)).toEqual(['said']);
    expect((await api(token, 'getWebhookInfo')).body.result.url).toBe(hook.url);
  });

  it('sends only the kinds that were asked for, and drops what waits when told', async () => {
    const { sim, bot, api } = await setup();
    const hook = await webhook();
    const token = await bot();
    await sim('messages', { token, from: ANN, text: 'old' });
    await api(token, 'setWebhook', { url: hook.url, drop_pending_updates: true, allowed_updates: ['message'] });
    expect((await sim('edits', { token, from: ANN, chat_id: ANN.id, message_id: 1, text: 'edited' })).update_id).toBeNull();
    await sim('messages', { token, from: ANN, text: 'new' });
    expect((await hook.until(1)).map(({ update }) => update.message.text)).toEqual(['new']);
  });

  it('says why it does not get through', async () => {
    const { sim, bot, api } = await setup();
    const token = await bot();
    await api(token, 'setWebhook', { url: 'http://127.0.0.1:9/closed' });
    await sim('messages', { token, from: ANN, text: 'a' });
    const info = await eventually(async () => {
      const { result } = (await api(token, 'getWebhookInfo')).body;
      return result.last_error_message === undefined ? null : result;
    });
    expect(info).toMatchObject({ pending_update_count: 1, last_error_message: 'Connection refused' });
  });

  it('delivers an update again when a test asks for it', async () => {
    const { sim, bot, api } = await setup();
    const hook = await webhook();
    const token = await bot();
    await api(token, 'setWebhook', { url: hook.url });
    const { update_id } = await sim('messages', { token, from: ANN, text: 'a' });
    await hook.until(1);
    await sim('redeliver', { token, update_id, times: 2 });
    expect((await hook.until(3)).map(({ update }) => update.update_id)).toEqual([update_id, update_id, update_id]);
  });
});
