import { describe, expect, it } from 'vitest';
import { kindsFor, isAlbum } from './attachments.ts';
import { NOTHING, apply, keyboardOf, linesOf } from './conversation.ts';
import type { Entry } from './conversation.ts';
import { actOf, priceOf } from './keyboards.ts';
import { addressOf, readPanes } from './panes.ts';
import { linkTarget, textTree } from './text-tree.ts';
import { durationOf, exportTests } from './transcript.ts';
import type { ChatEvent, Message, TranscriptEntry } from './types.ts';

const CHAT = { id: 5, type: 'private' } as const;
const ANN = { id: 5, is_bot: false, first_name: 'Ann', language_code: 'en' };
const BOT = { id: 9, is_bot: true, first_name: 'Cafe' };
const message = (message_id: number, from: Message['from'], more: Partial<Message> = {}): Message => ({ message_id, date: 1_000 + message_id, chat: CHAT, from, ...more });
const entry = (one: Message): Entry => ({ kind: 'message', message: one });

describe('text with entities', () => {
  it('nests them and keeps what stands between', () => {
    const tree = textTree('a bold link b', [{ type: 'bold', offset: 2, length: 9 }, { type: 'text_link', offset: 7, length: 4, url: 'https://x' }]);
    expect(tree).toMatchObject(['a ', { text: 'bold link', children: ['bold ', { text: 'link', children: ['link'] }] }, ' b']);
  });

  it('leaves out what lies outside of the text, and cuts what crosses', () => {
    expect(textTree('abcdef', [{ type: 'bold', offset: 0, length: 4 }, { type: 'italic', offset: 2, length: 4 }, { type: 'code', offset: 40, length: 2 }]))
      .toMatchObject([{ text: 'abcd', children: ['ab', { text: 'cd' }] }, 'ef']);
  });

  it.each([['javascript:alert(1)', null], ['data:text/html,x', null], ['example.org/a', { kind: 'web', url: 'https://example.org/a' }], ['https://t.me/cafe_bot?start=x', { kind: 'bot', username: 'cafe_bot', start: 'x' }], ['mailto:a@b.c', { kind: 'mail' }]])('leads %s to %j', (url, target) => {
    if (target === null) expect(linkTarget(url)).toBeNull();
    else expect(linkTarget(url)).toMatchObject(target);
  });
});

describe('a conversation', () => {
  it('puts the parts of an album together even when the bot answered in between', () => {
    const lines = linesOf([entry(message(1, ANN, { media_group_id: 'g' })), entry(message(2, BOT, { text: 'got one' })), entry(message(3, ANN, { media_group_id: 'g' }))]);
    expect(lines.map((line) => (line.kind === 'messages' ? line.messages.map(({ message_id }) => message_id) : line.kind))).toEqual(['day', [1, 3], [2]]);
  });

  it('shows a keyboard until it was used once, to those it is meant for', () => {
    const asked = entry(message(1, BOT, { text: 'size?', reply_markup: { keyboard: [[{ text: 'L' }]], one_time_keyboard: true } }));
    expect(keyboardOf([asked], 5)?.keyboard).toEqual([[{ text: 'L' }]]);
    expect(keyboardOf([asked, entry(message(2, ANN, { text: 'L' }))], 5)).toBeNull();
    const selective = entry(message(3, BOT, { text: 'you', reply_to_message: message(2, ANN), reply_markup: { keyboard: [[{ text: 'L' }]], selective: true } }));
    expect([keyboardOf([selective], 5), keyboardOf([selective], 6)].map((one) => one !== null)).toEqual([true, false]);
  });

  it('forgets the draft when the message comes, and keeps a deleted message as a line', () => {
    const events = [{ kind: 'draft', draft_id: 1, text: 'On' }, { kind: 'message', message: message(4, BOT, { text: 'Once' }) }, { kind: 'delete', message_id: 4 }];
    const [drafted, written, deleted] = events.map((_, i) => events.slice(0, i + 1).reduce((before, event, seq) => apply(before, { seq, time: 0, chat_id: 5, ...event } as ChatEvent, 0), NOTHING));
    expect(drafted?.draft?.text).toBe('On');
    expect(written?.draft).toBeNull();
    expect(deleted?.entries).toEqual([{ kind: 'deleted', id: 4 }]);
  });
});

it('reads panes from an address and writes them back', () => {
  const panes = readPanes('?panes=1001,1002:-100123,1001,x');
  expect(panes).toEqual([{ userId: 1001, chatId: 1001 }, { userId: 1002, chatId: -100_123 }]);
  expect(addressOf('cafe_bot', panes)).toBe('/play/cafe_bot?panes=1001,1002:-100123');
});

it('knows what buttons do, what things cost, and how files are sent', () => {
  expect(actOf({ text: 'x', web_app: { url: 'https://x' } }, 'b').kind).toBe('none');
  expect(actOf({ text: 'x', switch_inline_query_current_chat: 'q' }, 'b')).toEqual({ kind: 'insert', text: '@b q' });
  expect([priceOf({ currency: 'JPY', total_amount: 500 }), priceOf({ currency: 'EUR', total_amount: 500 }), priceOf({ currency: 'XTR', total_amount: 5 })]).toEqual(['¥500', '€5.00', '★ 5']);
  expect([kindsFor('image/png')[0], kindsFor('audio/ogg')[0], kindsFor('text/html')[0]]).toEqual(['photo', 'voice', 'document']);
  expect([isAlbum(['photo', 'video']), isAlbum(['photo', 'document']), isAlbum(['photo'])]).toEqual([true, false, false]);
});

describe('the transcript as a test', () => {
  const exported = (entries: TranscriptEntry[]) => exportTests({ bot: { id: 9, username: 'cafe_bot' }, chat: CHAT, entries, truncated: false }, { name: 'orders', pauses: 'long' });

  it('[P2] says, taps, answers, expects and waits in order; the bot\'s own words, not what became of them', () => {
    const { yaml } = exported([
      { time: 0, kind: 'said', message: message(1, ANN, { text: '/start' }) },
      { time: 100, kind: 'sent', message: message(2, BOT, { text: 'Hi', reply_markup: { inline_keyboard: [[{ text: 'Order', callback_data: 'o' }]] } }), method: 'sendMessage', params: { text: '<b>Hi</b>' }, isAnswer: true },
      { time: 4_000, kind: 'pressed', from: ANN, label: 'Order', data: 'o', message_id: 2 },
      { time: 4_050, kind: 'sent', message: message(3, BOT, { text: 'Done' }), method: 'sendMessage', params: { text: 'Done' }, isAnswer: true },
      { time: 4_090, kind: 'answered', text: 'Noted', show_alert: false },
      { time: 1_804_200, kind: 'sent', message: message(4, BOT, { text: 'Still there?' }), method: 'sendMessage', params: null, isAnswer: false },
    ]);
    expect(yaml.split('\n').slice(4, -1)).toEqual([
      '    steps:', '      - { say: "/start" }', '      - { expect: { text: "<b>Hi</b>", buttons: ["Order"] } }', '      - { tap: "Order" }', '      - { answer: "Noted" }',
      '      - { expect: { text: "Done" } }', '      - { wait: 1804s }', '      - { expect: { text: "Still there?" } }',
    ]);
  });

  it('waits for timers, not for a bot that is slow nor for people who think first', () => {
    const { yaml } = exported([
      { time: 0, kind: 'said', message: message(1, ANN, { text: '/start' }) },
      { time: 12_000, kind: 'sent', message: message(2, BOT, { text: 'Hi' }), method: 'sendMessage', params: null, isAnswer: true },
      { time: 24_000, kind: 'said', message: message(3, ANN, { text: 'Hello' }) },
      { time: 24_050, kind: 'sent', message: message(4, BOT, { text: 'Well' }), method: 'sendMessage', params: null, isAnswer: false },
      { time: 34_060, kind: 'sent', message: message(5, BOT, { text: 'Still there?' }), method: 'sendMessage', params: null, isAnswer: false },
    ]);
    expect(yaml.split('\n').slice(5, -1)).toEqual([
      '      - { say: "/start" }', '      - { expect: { text: "Hi" } }', '      - { say: "Hello" }', '      - { expect: { text: "Well" } }', '      - { wait: 34s }', '      - { expect: { text: "Still there?" } }',
    ]);
  });

  it('sends what is no text, and says who else spoke', () => {
    const { yaml } = exported([{ time: 0, kind: 'said', message: message(1, ANN, { text: '$t.x' }) }, { time: 1, kind: 'said', message: message(2, { id: 6, is_bot: false, first_name: 'Bob' }, { location: { latitude: 1, longitude: 2 } }) }]);
    expect(yaml).toContain('- { say: "\\\\$t.x" }');
    expect(yaml).toContain('- { send: {"location":{"latitude":1,"longitude":2}}, from: { id: 6, first_name: "Bob" } }');
  });

  it('has nothing to test where nobody spoke', () => {
    expect(exported([])).toMatchObject({ yaml: '', notes: [expect.stringContaining('Nobody has written')] });
    expect([durationOf(90), durationOf(3_600), durationOf(172_800)]).toEqual(['90s', '1h', '2d']);
  });
});
