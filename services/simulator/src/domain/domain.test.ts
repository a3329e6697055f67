import { describe, expect, it } from 'vitest';
import { BoundedLog } from './bounded-log.ts';
import { FaultBook } from './faults.ts';
import { isVisibleTo } from './privacy.ts';
import { parseReplyMarkup } from './reply-markup.ts';
import { parseRetryAfterMs, retryDelayMs } from './retry.ts';
import type { ChatState, SimMessage } from './types.ts';
import { isAllowed, queueKeyOf } from './updates.ts';

describe('the queue of an update', () => {
  const from = { id: 7 };
  const chat = { id: -5 };
  it('is the chat for messages and the user for presses, so these two are not ordered against each other', () => {
    expect(queueKeyOf({ update_id: 1, message: { from, chat } })).toBe(queueKeyOf({ update_id: 2, edited_message: { from: { id: 8 }, chat } }));
    expect(queueKeyOf({ update_id: 3, callback_query: { from, message: { chat } } })).toBe('callback:7');
    expect(queueKeyOf({ update_id: 4, pre_checkout_query: { from } })).toBe('pay:7');
  });
  it('is chosen for a kind nobody knows, too', () => expect(queueKeyOf({ update_id: 1, poll: { id: '9' } })).toBe('poll:9'));
});

it('leaves out the kinds that a bot has to ask for', () => {
  expect(isAllowed('message', null)).toBe(true);
  expect(isAllowed('chat_member', null)).toBe(false);
  expect(isAllowed('chat_member', ['chat_member'])).toBe(true);
  expect(isAllowed('message', ['callback_query'])).toBe(false);
});

describe('the delay before a retry', () => {
  it('is none after the first failure, then doubles from 2 s to a random minute or two', () => {
    expect([1, 2, 3, 4, 20].map((failures) => retryDelayMs(failures, 0, 0.5))).toEqual([0, 2_000, 4_000, 8_000, 90_000]);
  });
  it('is what Retry-After says, an hour at most', () => {
    expect(retryDelayMs(1, 7_000, 0)).toBe(7_000);
    expect(retryDelayMs(5, 9_999_000, 0)).toBe(3_600_000);
    expect(parseRetryAfterMs('3', 0)).toBe(3_000);
    expect(parseRetryAfterMs('Thu, 01 Jan 1970 00:00:09 GMT', 4_000)).toBe(5_000);
    expect(parseRetryAfterMs('soon', 0)).toBe(0);
  });
});

describe('faults', () => {
  it('happen oldest match first and are used up', () => {
    const book = new FaultBook();
    book.add({ token: 'b', kind: '500', count: 1 });
    const first = book.add({ method: 'sendmessage', kind: '429', count: 2 });
    book.add({ kind: 'reset', count: 1 });
    const call = { token: 'a', method: 'sendMessage', chatId: 1 };
    expect([1, 2, 3, 4].map(() => book.take(call)?.kind)).toEqual(['429', '429', 'reset', undefined]);
    expect(book.remove(first.id)).toBe(false);
    expect(book.take({ ...call, token: 'b' })?.kind).toBe('500');
  });
  it('fit a chat only when they name it', () => {
    const book = new FaultBook();
    book.add({ chatId: 5, kind: '403', count: 1 });
    expect(book.take({ token: 'a', method: 'getMe', chatId: null })).toBeNull();
    expect(book.take({ token: 'a', method: 'sendMessage', chatId: 5 })?.kind).toBe('403');
  });
  it('of one bot are cleared without those of others', () => {
    const book = new FaultBook();
    book.add({ token: 'a', kind: '500', count: 1 });
    book.add({ token: 'b', kind: '500', count: 1 });
    book.clear('a');
    expect(book.list().map((fault) => fault.token)).toEqual(['b']);
  });
});

describe('a bounded log', () => {
  it('keeps the newest entries and gives pages after a place', () => {
    const log = new BoundedLog<{ seq: number }>(3);
    for (let i = 0; i < 5; i++) log.add((seq) => ({ seq }));
    expect(log.after(0, 10).map((one) => one.seq)).toEqual([3, 4, 5]);
    expect(log.after(3, 1).map((one) => one.seq)).toEqual([4]);
    expect(log.after(9, 10)).toEqual([]);
    log.clear();
    expect(log.after(0, 10)).toEqual([]);
    log.add((seq) => ({ seq }));
    expect(log.after(0, 10).map((one) => one.seq)).toEqual([6]);
    log.skipTo(100);
    expect(log.lastSeq).toBe(99);
  });
});

describe('reply markup', () => {
  it('comes as JSON text or as an object, and plain keys become buttons', () => {
    expect(parseReplyMarkup('{"keyboard":[["a",{"text":"b","request_contact":true}],[]],"resize_keyboard":true}')).toEqual({
      keyboard: [[{ text: 'a' }, { text: 'b', request_contact: true }]], resize_keyboard: true,
    });
    expect(parseReplyMarkup(undefined)).toBeUndefined();
  });
  it.each([
    ['{', "Bad Request: can't parse reply keyboard markup JSON object"],
    ['[]', 'Bad Request: object expected as reply markup'],
    [{ inline_keyboard: [[{ text: 'a' }]] }, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"],
    [{ inline_keyboard: [[{ text: 'a', callback_data: 'é'.repeat(33) }]] }, 'Bad Request: BUTTON_DATA_INVALID'],
    [{ inline_keyboard: [[{ callback_data: 'a' }]] }, 'Can\'t find field "text"'],
    [{ inline_keyboard: [[{ text: 'a', url: 'no url' }]] }, 'is invalid: Wrong HTTP URL'],
    [{ keyboard: [[{}]] }, 'Can\'t find field "text"'],
  ])('is refused when it is wrong: %j', (markup, message) => expect(() => parseReplyMarkup(markup)).toThrow(message));
});

describe('privacy mode', () => {
  const bot = { token: 't', id: 1, username: 'my_bot', firstName: 'My', privacy: true };
  const group = (botStatus: ChatState['botStatus']): ChatState => ({ chat: { id: -1, type: 'group', title: 'g' }, blocked: false, botStatus, members: [] });
  const said = (text: string, type?: 'bot_command' | 'mention'): SimMessage => ({
    message_id: 1, date: 0, chat: group('member').chat, from: { id: 5, is_bot: false, first_name: 'A' }, text,
    ...(type && { entities: [{ type, offset: 0, length: text.split(' ')[0]?.length ?? 0 }] }),
  });
  it.each([
    ['small talk', undefined, false], ['/go', 'bot_command', true], ['/go@my_bot x', 'bot_command', true],
    ['/go@other_bot', 'bot_command', false], ['@My_Bot hi', 'mention', true], ['@other hi', 'mention', false],
  ] as const)('lets the bot see %s (%s): %s', (text, type, seen) => expect(isVisibleTo(bot, group('member'), said(text, type))).toBe(seen));
  it('hides nothing from administrators, or when it is off', () => {
    expect(isVisibleTo(bot, group('administrator'), said('x'))).toBe(true);
    expect(isVisibleTo({ ...bot, privacy: false }, group('member'), said('x'))).toBe(true);
  });
});
