import { describe, expect, it } from 'vitest';
import { orderKeyOf, readUpdateKeys, stateKeyOf } from './update-keys.ts';
import type { StateKeyKind } from './update-keys.ts';

const group = { update_id: 7, message: { chat: { id: -100 }, from: { id: 5 }, message_thread_id: 3, is_topic_message: true } };
const press = { update_id: 8, callback_query: { id: 'q', from: { id: 5 }, message: { chat: { id: -100 } } } };
const inline = { update_id: 9, callback_query: { id: 'q', from: { id: 5 }, inline_message_id: 'AAB' } };
const poll = { update_id: 10, poll: { id: '77' } };
const vote = { update_id: 11, poll_answer: { poll_id: '77', user: { id: 6 } } };

const keysOf = (update: unknown) => readUpdateKeys(update) ?? expect.unreachable('no keys');

describe('[P9] order key', () => {
  it.each<[string, unknown, StateKeyKind, string]>([
    ['a message goes by its chat', group, 'chat_user', 'c-100'],
    ['a press goes by the chat of its message', press, 'chat_user', 'c-100'],
    ['a bot with stateKey user goes by the user', group, 'user', 'u5'],
    ['without a chat the user counts', inline, 'chat_user', 'u5'],
    ['a vote goes by its voter', vote, 'chat', 'u6'],
    ['a closed poll goes by its id', poll, 'chat_user', 'o77'],
  ])('%s', (_, update, stateKey, expected) => {
    expect(orderKeyOf(keysOf(update), stateKey)).toBe(expected);
  });
});

describe('state key', () => {
  it.each<[StateKeyKind, string]>([
    ['chat_user', 'c-100_u5'],
    ['chat', 'c-100'],
    ['user', 'u5'],
    ['thread', 'c-100_t3'],
  ])('%s', (stateKey, expected) => {
    expect(stateKeyOf(keysOf(group), stateKey)).toBe(expected);
  });
});

it.each([null, 1, 'x', {}, { update_id: -1, message: {} }, { update_id: 1.5, message: {} }, { update_id: 3 }])('refuses %j, which is no update', (value) => {
  expect(readUpdateKeys(value)).toBeUndefined();
});
