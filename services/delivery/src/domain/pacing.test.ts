import type { OutboundCall } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { BULK_BOT_BURST, BULK_BOT_PER_SECOND_DEFAULT, REPLY_BURST } from '../limits.ts';
import { Freezes } from './freezes.ts';
import { Pacing, makesMessage } from './pacing.ts';
import { TokenBucket } from './token-bucket.ts';

const call = (lane: OutboundCall['lane'], method = 'sendMessage'): OutboundCall => ({ v: 1, botId: 'shop_b', lane, chat: '5', source: { key: 'k', seq: 1, n: 0 }, method, params: {}, revision: 'r', acceptedMs: 0 });

/** Sends as early as it may; counts what goes out within the time. */
function sentWithin(ms: number, lane: OutboundCall['lane'], chats: readonly string[], method?: string): number {
  const pacing = new Pacing(BULK_BOT_PER_SECOND_DEFAULT);
  let sent = 0;
  for (let nowMs = 0; nowMs < ms; nowMs += 10) {
    for (const chat of chats) {
      const next = call(lane, method);
      if (pacing.chatWaitMs(next, chat, nowMs) > 0 || (makesMessage(next.method) && pacing.botWaitMs(next, nowMs) > 0)) continue;
      pacing.take(next, chat, nowMs);
      sent += 1;
    }
  }
  return sent;
}

describe('TokenBucket', () => {
  it('gives its burst at once and then its rate', () => {
    const bucket = new TokenBucket(2, 3, 0);
    for (let n = 0; n < 3; n += 1) bucket.take(0);
    expect(bucket.waitMs(0)).toBe(500);
    expect(bucket.waitMs(500)).toBe(0);
    expect(bucket.isFull(10_000)).toBe(true);
  });
});

describe('Pacing', () => {
  const many = Array.from({ length: 500 }, (_none, n) => String(n));

  it('[P9] lets a bot’s replies to many people go at once, and paces one chat only after a burst', () => {
    expect(sentWithin(10, 'reply', many)).toBe(500);
    expect(sentWithin(10_000, 'reply', ['5'])).toBe(REPLY_BURST + 9);
  });

  it('[P9] keeps bulk at its rate per bot, a chat at 1/s and a group at 20/min', () => {
    expect(sentWithin(10_000, 'bulk', many)).toBeLessThanOrEqual(BULK_BOT_PER_SECOND_DEFAULT * 10 + BULK_BOT_BURST);
    expect(sentWithin(10_000, 'bulk', many)).toBeGreaterThan(BULK_BOT_PER_SECOND_DEFAULT * 9);
    expect(sentWithin(10_000, 'bulk', ['5'])).toBe(10);
    expect(sentWithin(60_000, 'bulk', ['-100'])).toBeLessThanOrEqual(40);
  });

  it('does not pace what makes no message', () => {
    expect(sentWithin(1_000, 'bulk', ['5'], 'editMessageText')).toBe(100);
  });
});

describe('Freezes', () => {
  it('freezes the chat, and the bot once three chats are frozen together', () => {
    const freezes = new Freezes();
    expect([freezes.freeze('b', '1', 5_000, 0), freezes.freeze('b', '2', 5_000, 0)]).toEqual([false, false]);
    expect([freezes.waitMs('b', '1', 1_000), freezes.waitMs('b', '9', 1_000)]).toEqual([4_000, 0]);
    expect(freezes.freeze('b', '3', 5_000, 1_000)).toBe(true);
    expect([freezes.waitMs('b', '9', 1_000), freezes.waitMs('other', '9', 1_000), freezes.waitMs('b', '9', 6_000)]).toEqual([5_000, 0, 0]);
  });

  it('does not add up freezes that are over', () => {
    const freezes = new Freezes();
    for (let n = 0; n < 5; n += 1) expect(freezes.freeze('b', String(n), 1_000, n * 2_000)).toBe(false);
    expect(freezes.count(9_500)).toBe(0);
  });

  it('[P9] goes on with what an earlier owner was told, and freezes the bot by its own 429s only', () => {
    const freezes = new Freezes();
    for (const chat of ['1', '2', '3']) freezes.restore('b', chat, 5_000, 0);
    freezes.restore('c', undefined, 4_000, 0);
    freezes.restore('c', '1', -1, 0);
    expect([freezes.waitMs('b', '1', 1_000), freezes.waitMs('b', '9', 1_000), freezes.waitMs('c', '9', 1_000)]).toEqual([4_000, 0, 3_000]);
    expect(freezes.freeze('b', '4', 5_000, 1_000)).toBe(true);
  });

  it('never shortens a freeze', () => {
    const freezes = new Freezes();
    freezes.freeze('b', '1', 60_000, 0);
    freezes.freeze('b', '1', 1_000, 0);
    expect(freezes.waitMs('b', '1', 0)).toBe(60_000);
  });
});
