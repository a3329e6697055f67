import { expect, it } from 'vitest';
import { chatMark } from './chat-mark.ts';

it('tells chats of one bot apart, joins no bots, and holds no id', () => {
  const marks = [chatMark('shop_echo', 'c42'), chatMark('shop_echo', 'c-42'), chatMark('shop_echo', 'u42'), chatMark('shop_news', 'c42')];
  expect(new Set(marks).size).toBe(4);
  for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{16}$/);
  expect(chatMark('shop_echo', 'c42')).toBe(marks[0]);
});
