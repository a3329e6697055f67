import { describe, expect, it } from 'vitest';
import { ANN, BOB, setup, webhook } from './harness.ts';
import type { Json } from './harness.ts';

const texts = (answer: { body: Json }): string[] => answer.body.result.map((update: Json) => update.message?.text);

describe('[P9] getUpdates', () => {
  it('gives what waits again and again until an offset confirms it', async () => {
    const { sim, bot, api } = await setup();
    const token = await bot();
    for (const text of ['one', 'two', 'three']) await sim('messages', { token, from: ANN, text });
    const first = await api(token, 'getUpdates', { limit: 2 });
    expect(texts(first)).toEqual(['one', 'two']);
    expect(texts(await api(token, 'getUpdates'))).toEqual(['one', 'two', 'three']);
    expect(texts(await api(token, 'getUpdates', { offset: first.body.result[1].update_id + 1 }))).toEqual(['three']);
    expect(texts(await api(token, 'getUpdates'))).toEqual(['three']);
    await sim('messages', { token, from: ANN, text: 'four' });
    expect(texts(await api(token, 'getUpdates', { offset: -1 }))).toEqual(['four']);
    expect((await api(token, 'getWebhookInfo')).body.result.pending_update_count).toBe(1);
  });

  it('waits for an update, and answers with nothing when the time is over', async () => {
    const { sim, bot, api } = await setup();
    const token = await bot();
    const waiting = api(token, 'getUpdates', { timeout: 20 });
    await sim('messages', { token, from: BOB, text: 'at last' });
    expect(texts(await waiting)).toEqual(['at last']);
    const [update] = (await api(token, 'getUpdates')).body.result;
    expect(texts(await api(token, 'getUpdates', { offset: update.update_id + 1, timeout: 1 }))).toEqual([]);
  });

  it('is ended by another getUpdates and by a webhook, with 409 as at Telegram', async () => {
    const { bot, api } = await setup();
    const token = await bot();
    const older = api(token, 'getUpdates', { timeout: 20 });
    await api(token, 'getMe');
    const newer = api(token, 'getUpdates', { timeout: 20 });
    expect((await older).body).toEqual({ ok: false, error_code: 409, description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running' });
    const hook = await webhook();
    await api(token, 'setWebhook', { url: hook.url });
    expect((await newer).body.description).toBe('Conflict: terminated by setWebhook request');
    expect((await api(token, 'getUpdates')).body.description).toBe("Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
  });

  it('and a webhook share what waits: nothing is lost or forgotten on the way from one to the other', async () => {
    const { sim, bot, api } = await setup();
    const token = await bot();
    const hook = await webhook();
    await sim('messages', { token, from: ANN, text: 'polled' });
    const [polled] = (await api(token, 'getUpdates')).body.result;
    await api(token, 'getUpdates', { offset: polled.update_id + 1 });
    await sim('messages', { token, from: ANN, text: 'pushed' });
    await api(token, 'setWebhook', { url: hook.url });
    expect((await hook.until(1)).map(({ update }) => update.message.text)).toEqual(['pushed']);
    await api(token, 'deleteWebhook');
    await sim('messages', { token, from: ANN, text: 'polled again' });
    expect(texts(await api(token, 'getUpdates'))).toEqual(['polled again']);
  });

  it('keeps allowed_updates for what comes later', async () => {
    const { sim, bot, api } = await setup();
    const token = await bot();
    const { message_id } = await sim('messages', { token, from: ANN, text: 'hi' });
    await api(token, 'getUpdates', { offset: -1, allowed_updates: ['message_reaction'] });
    expect((await sim('messages', { token, from: ANN, text: 'unheard' })).update_id).toBeNull();
    expect((await sim('reactions', { token, from: ANN, chat_id: ANN.id, message_id, reaction: [{ type: 'emoji', emoji: '👍' }] })).update_id).not.toBeNull();
  });
});
