import { expect, it } from 'vitest';
import { lineOf, readLine } from './log-lines.ts';

// Lines as executor and delivery print them; tests of both (run-update.test.ts, deliver.test.ts) hold them to these fields.
const filter = { botId: 'shop_echo', chat: undefined, sinceMs: 0 };
const executor = '{"level":"warn","time":"2025-11-21T00:00:00.000Z","pid":1,"hostname":"executor-0","name":"executor","botId":"shop_echo","chat":"218994458bd9c353","seq":7,"updateId":1001,"reason":"guest_error","err":{"type":"GuestFailure","message":"boom","stack":"GuestFailure: boom"},"msg":"update goes to the dead letter queue"}';
const byUser = executor.replace('218994458bd9c353', '182c992db6699191');
const delivery = '{"level":"warn","time":"2025-11-21T00:00:01.000Z","pid":1,"hostname":"delivery-0","name":"delivery","botId":"shop_echo","chat":"ca9a8c15643e90ac","method":"sendMessage","reason":"http_500","subjectId":"7:0","msg":"call went to the dlq"}';
const pool = '{"level":"info","time":"2025-11-21T00:00:00.000Z","pid":1,"hostname":"operator-0","name":"operator","botId":"shop_echo","msg":"route written"}';

it('reads a line about the bot, and no other', () => {
  const read = readLine(executor, 'executor-0', filter);
  expect(read && lineOf(read)).toBe('2025-11-21T00:00:00.000Z warn  executor-0  update goes to the dead letter queue chat=218994458bd9c353 seq=7 updateId=1001 reason=guest_error err=boom');
  expect(readLine(executor, 'x', { ...filter, botId: 'shop_ech' })).toBeUndefined();
  expect(readLine('shop_echo: no JSON', 'x', filter)).toBeUndefined();
});

it('keeps to one chat: a group, a person, or a person by whom state is kept', () => {
  const of = (chat: string): string[] => [executor, byUser, delivery, pool].filter((line) => readLine(line, 'x', { ...filter, chat }) !== undefined);
  expect(of('42')).toEqual([executor, byUser]);
  expect(of('-10042')).toEqual([delivery]);
  expect(of('4')).toEqual([]);
});

it('keeps to a time', () => {
  expect(readLine(executor, 'x', { ...filter, sinceMs: Date.parse('2025-11-21T00:00:00.000Z') })).toBeDefined();
  expect(readLine(executor, 'x', { ...filter, sinceMs: Date.parse('2025-11-21T00:00:00.001Z') })).toBeUndefined();
});
