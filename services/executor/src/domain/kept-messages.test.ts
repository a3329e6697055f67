import { describe, expect, it } from 'vitest';
import type { GuestMessages } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import type { IncomingUpdate } from './incoming-update.ts';
import { incomingMessage, keepOf } from './kept-messages.ts';

const DATE = 1_790_000_000;
const messages: GuestMessages = { retentionMs: 1_000, piiPolicy: 'mask', inputIsPersonal: false, personal: [] };
const keeping = (more: Partial<GuestMessages> = {}) => ({ messages: { ...messages, ...more }, hash: (value: string) => value });
const update = (message: { [field: string]: Json }, more: Partial<IncomingUpdate> = {}): IncomingUpdate => ({
  botId: 'ns_bot', partition: 1, orderKey: 'c5', stateKey: 'c5_u6', kind: 'message', updateId: 2 ** 52 + 9, acceptedMs: DATE * 1_000 + 5_000, seq: 9,
  event: { kind: 'update', update: { update_id: 7, message: { message_id: 3, date: DATE, chat: { id: 5 }, from: { id: 6 }, ...message } } }, ...more,
});

describe('incomingMessage', () => {
  it('[K1] is the same row for each copy of an update, also for a replayed dead letter', () => {
    const first = incomingMessage(update({ text: 'hi' }), keeping());
    expect(first).toEqual({ v: 1, botId: 'ns_bot', direction: 'in', chat: '5', threadId: null, userId: 6, id: 'u7', messageId: 3, updateId: 7, kind: 'text', content: 'hi', pii: false, sentMs: DATE * 1_000, retentionMs: 1_000 });
    expect(incomingMessage(update({ text: 'hi' }, { updateId: 8, seq: 900, acceptedMs: DATE * 1_000 + 9_000_000 }), keeping())).toEqual(first);
  });

  it.each<[{ [field: string]: Json }, object]>([
    [{ photo: [], caption: 'look' }, { kind: 'photo', content: 'look' }],
    [{ animation: {}, document: {} }, { kind: 'animation', content: null }],
    [{ contact: { phone_number: '+491' } }, { kind: 'contact', content: null }],
    [{ text: 'x', is_topic_message: true, message_thread_id: 4 }, { threadId: 4 }],
    [{ text: 'x', date: 0 }, { sentMs: DATE * 1_000 + 5_000 }],
    [{ text: 'x'.repeat(5_000) }, { content: 'x'.repeat(4_096) }],
  ])('reads %j', (fields, row) => expect(incomingMessage(update(fields), keeping())).toMatchObject(row));

  it('is nothing for service messages, presses and timers', () => {
    expect(incomingMessage(update({ left_chat_member: {} }), keeping())).toBeUndefined();
    expect(incomingMessage(update({}, { kind: 'callback_query', event: { kind: 'update', update: { update_id: 7, callback_query: { id: 'q' } } } }), keeping())).toBeUndefined();
    expect(incomingMessage(update({}, { kind: 'timer', event: { kind: 'timer', key: 'wait', nonce: 'n' } }), keeping())).toBeUndefined();
  });

  it('[K1] hides an answer that is personal, and flags one without a text', () => {
    expect(incomingMessage(update({ text: 'a@b.c' }), keeping({ inputIsPersonal: true }))).toMatchObject({ content: '***', pii: true });
    expect(incomingMessage(update({ contact: {} }), keeping({ inputIsPersonal: true }))).toMatchObject({ content: null, pii: true });
    expect(incomingMessage(update({ text: 'mine is a@b.c' }), keeping({ personal: ['a@b.c'] }))).toMatchObject({ content: 'mine is ***', pii: true });
  });
});

describe('keepOf', () => {
  const send = { method: 'sendMessage', params: { text: 'Hello Ann' }, chat: '5' };

  it('[K1] says how a sent message is kept, with its content only when that differs', () => {
    expect(keepOf(update({ text: 'x' }), send, keeping())).toEqual({ retentionMs: 1_000, userId: 6, updateId: 7 });
    expect(keepOf(update({ text: 'x' }), send, keeping({ personal: ['Ann'] }))).toMatchObject({ content: 'Hello ***' });
    expect(keepOf(update({ text: 'x' }), { ...send, params: { caption: 'Ann' } }, keeping({ personal: null, piiPolicy: 'drop' }))).toMatchObject({ content: null });
  });

  it('knows whom a timer answers where states are kept by person', () => {
    const timer = update({}, { kind: 'timer', event: { kind: 'timer', key: 'wait', nonce: 'n' } });
    expect(keepOf(timer, send, keeping())).toMatchObject({ userId: 6, updateId: null });
    expect(keepOf({ ...timer, stateKey: 'c-5_t4' }, send, keeping())).toMatchObject({ userId: null });
  });

  it.each(['answerCallbackQuery', 'editMessageText', 'deleteMessage', 'sendChatAction', 'sendMessageDraft'])('is nothing for %s', (method) => {
    expect(keepOf(update({ text: 'x' }), { ...send, method }, keeping())).toBeUndefined();
  });
});
