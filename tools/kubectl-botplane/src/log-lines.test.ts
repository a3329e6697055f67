import { expect, it } from 'vitest';
import { lineOf, readLine } from './log-lines.ts';

const filter = { botId: 'shop_echo', chat: undefined, sinceMs: 0 };
const line = JSON.stringify({ level: 40, time: 1_763_683_200_000, service: 'executor', botId: 'shop_echo', orderKey: 'c:42', reason: 'GUEST_ERROR', err: { message: 'boom' }, msg: 'update goes to the dead letter queue' });

it('reads a line about the bot, and no other', () => {
  const read = readLine(line, 'executor-0', filter);
  expect(read && lineOf(read)).toBe('2025-11-21T00:00:00.000Z warn  executor-0  update goes to the dead letter queue orderKey=c:42 reason=GUEST_ERROR err=boom');
  expect(readLine(line, 'x', { ...filter, botId: 'shop_ech' })).toBeUndefined();
  expect(readLine('shop_echo: no JSON', 'x', filter)).toBeUndefined();
});

it('keeps to one chat and to a time', () => {
  expect(readLine(line, 'x', { ...filter, chat: '42' })).toBeDefined();
  expect(readLine(line, 'x', { ...filter, chat: '4' })).toBeUndefined();
  expect(readLine(line, 'x', { ...filter, sinceMs: 1_763_683_200_001 })).toBeUndefined();
});
