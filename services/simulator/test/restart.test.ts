import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../src/index.ts';
import { ANN, BOB, clientOf, setup, webhook } from './harness.ts';
import type { Json } from './harness.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('a restart', () => {
  it('keeps bots, chats, webhook, commands, waiting updates and open presses', async () => {
    const stateDir = folder();
    const before = await startSimulator({ stateDir });
    const one = clientOf(before.url);
    const token = await one.bot({ username: 'kept_bot' });
    await one.sim('messages', { token, from: ANN, text: 'first' });
    await one.api(token, 'sendMessage', { chat_id: ANN.id, text: 'b', reply_markup: { inline_keyboard: [[{ text: 'B', callback_data: 'b' }]] } });
    const { callback_query_id } = await one.sim('callbacks', { token, from: ANN, chat_id: ANN.id, message_id: 2, data: 'b' });
    await one.api(token, 'setMyCommands', { commands: [{ command: 'go', description: 'Go' }] });
    await one.api(token, 'setWebhook', { url: 'http://127.0.0.1:9/hook', secret_token: 's', allowed_updates: ['message', 'callback_query'] });
    const events = (await one.get(`chats/${token}/${ANN.id}/events`)).events as { seq: number }[];
    await before.close();

    const two = await setup({ stateDir });
    expect((await two.get(`chats/${token}/${ANN.id}/messages`)).messages.map((m: { text: string }) => m.text)).toEqual(['first', 'b']);
    expect((await two.api(token, 'getWebhookInfo')).body.result).toMatchObject({ url: 'http://127.0.0.1:9/hook', pending_update_count: 2, allowed_updates: ['message', 'callback_query'] });
    expect((await two.api(token, 'getMyCommands')).body.result).toEqual([{ command: 'go', description: 'Go' }]);
    expect((await two.api(token, 'answerCallbackQuery', { callback_query_id })).status).toBe(200);
    const next = await two.sim('messages', { token, from: ANN, text: 'third' });
    expect(next.message_id).toBe(3);
    const later = (await two.get(`chats/${token}/${ANN.id}/events?after=${events.at(-1)?.seq}`)).events as { kind: string }[];
    expect(later.map((event) => event.kind)).toEqual(['callback_answer', 'message']);
    const hook = await webhook();
    await two.api(token, 'setWebhook', { url: hook.url });
    expect((await hook.until(3)).map(({ update }) => update.message?.text ?? update.callback_query.data).toSorted((a: string, b: string) => a.localeCompare(b))).toEqual(['b', 'first', 'third']);
  });

  it('keeps what chats, polls, topics and payments have become, and the content of files', async () => {
    const stateDir = folder();
    const before = await startSimulator({ stateDir });
    const one = clientOf(before.url);
    const token = await one.bot();
    const chat = await one.sim('chats', { type: 'supergroup', title: 'Club', is_forum: true, members: [ANN, BOB], bots: [{ token, status: 'administrator' }] });
    const call = async (client: typeof one, method: string, params: object = {}): Promise<Json> => (await client.api(token, method, { chat_id: chat.id, ...params })).body.result;
    const topic = await call(one, 'createForumTopic', { name: 'News' });
    const { message_id } = await call(one, 'sendPoll', { question: 'Tea?', options: [{ text: 'yes' }, { text: 'no' }], message_thread_id: topic.message_thread_id });
    await one.sim('votes', { token, from: ANN, chat_id: chat.id, message_id, option_ids: [1] });
    await call(one, 'banChatMember', { user_id: BOB.id });
    await call(one, 'pinChatMessage', { message_id });
    await call(one, 'setMyName', { name: 'Kept' });
    const { message } = await one.sim('messages', { token, from: ANN, document: { base64: Buffer.from('kept').toString('base64') } });
    await before.close();

    const two = await setup({ stateDir });
    expect(await call(two, 'stopPoll', { message_id })).toMatchObject({ total_voter_count: 1, options: [{ voter_count: 0 }, { voter_count: 1 }] });
    expect(await call(two, 'getChatMember', { user_id: BOB.id })).toMatchObject({ status: 'kicked' });
    expect(await call(two, 'getChat')).toMatchObject({ pinned_message: { message_id } });
    expect(await call(two, 'closeForumTopic', { message_thread_id: topic.message_thread_id })).toBe(true);
    expect(await call(two, 'getMyName')).toEqual({ name: 'Kept' });
    const { file_path } = await call(two, 'getFile', { file_id: message.document.file_id });
    expect(await (await fetch(`${two.url}/file/bot${token}/${file_path}`)).text()).toBe('kept');
    await two.sim('reset', { token });
    expect(readdirSync(join(stateDir, 'files'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([]);
  });

  it('after a kill gives no id a second time', async () => {
    const stateDir = folder();
    const one = await setup({ stateDir });
    const token = await one.bot();
    await one.sim('messages', { token, from: ANN, text: 'kept' });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const last = await one.sim('messages', { token, from: ANN, text: 'perhaps lost' });
    // What a kill would leave: the files as they are now, without an orderly end, and with half a line.
    const left = folder();
    cpSync(stateDir, left, { recursive: true });
    for (const file of readdirSync(left)) appendFileSync(join(left, file), '{"t":"mess');

    const two = await setup({ stateDir: left });
    expect((await two.get(`chats/${token}/${ANN.id}/messages`)).messages[0].text).toBe('kept');
    const next = await two.sim('messages', { token, from: ANN, text: 'next' });
    expect(next.update_id).toBeGreaterThan(last.update_id);
    expect(next.message_id).toBeGreaterThan(last.message_id);
  });

  it('ends long polls instead of waiting for them', async () => {
    const simulator = await startSimulator({ bots: [{ token: 'T' }] });
    const poll = clientOf(simulator.url).get('chats/T/1/messages?wait=30');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = Date.now();
    await simulator.close();
    expect(await poll).toEqual({ messages: [] });
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});
