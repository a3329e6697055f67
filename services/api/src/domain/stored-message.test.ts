import type { KeptMessage } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { isCurrent, isErased, readArrived } from './stored-message.ts';

const kept: KeptMessage = { v: 1, botId: 'shop_tea', direction: 'in', chat: '5', threadId: null, userId: 5, id: 'u7', messageId: 3, updateId: 7, kind: 'text', content: 'a\0b', pii: false, sentMs: 1_000, retentionMs: 500 };
const read = (change: Partial<KeptMessage> = {}) => {
  const arrived = readArrived(JSON.stringify({ ...kept, ...change }));
  if (arrived === undefined) throw new Error('not read');
  return arrived;
};

describe('readArrived', () => {
  it('[K1] makes a row, and a text that Postgres takes', () => {
    expect(read()).toEqual({
      retentionMs: 500,
      row: { createdAt: new Date(1_000), botId: 'shop_tea', chatId: '5', threadId: null, userId: 5n, type: 'bot', role: 'user', externalId: 'u7', telegramMessageId: 3n, telegramUpdateId: 7n, kind: 'text', content: 'a\u{fffd}b', pii: false },
    });
    expect(read({ direction: 'out' }).row.role).toBe('assistant');
  });

  it.each(['', 'null', '[]', JSON.stringify({ ...kept, v: 2 }), JSON.stringify({ ...kept, userId: 'x' }), JSON.stringify({ ...kept, retentionMs: 0 }), JSON.stringify({ ...kept, sentMs: 9e15 })])('refuses %s', (text) => {
    expect(readArrived(text)).toBeUndefined();
  });
});

describe('isCurrent', () => {
  it('[K6] drops what is older than its bot keeps messages, and what is from the future', () => {
    expect([1_499, 1_500].map((nowMs) => isCurrent(read(), nowMs))).toEqual([true, false]);
    expect(isCurrent(read({ sentMs: 4_000_000_000_000 }), 1_000)).toBe(false);
  });
});

describe('isErased', () => {
  const { row } = read();
  const erasure = { botId: 'shop_tea', chatId: null, userId: null, erasedAt: new Date(1_000) };

  it('[K1] goes by chat or by user, up to the moment of the request', () => {
    expect(isErased(row, [{ ...erasure, chatId: '5' }])).toBe(true);
    expect(isErased(row, [{ ...erasure, userId: 5n }])).toBe(true);
    expect(isErased(row, [{ ...erasure, chatId: '6' }, { ...erasure, userId: 6n }, { ...erasure, chatId: '5', botId: 'shop_bar' }, { ...erasure, chatId: '5', erasedAt: new Date(999) }])).toBe(false);
    expect(isErased({ ...row, userId: null }, [{ ...erasure, chatId: '6' }])).toBe(false);
  });
});
