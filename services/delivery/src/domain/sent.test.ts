import type { OutboundCall } from '@botplane/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFS_MAX, SOURCES_MAX } from '../limits.ts';
import { EMPTY_SENT, chatToken, isSettled, paramsOf, settle } from './sent.ts';

const call = (seq: number, n: number, more: Partial<OutboundCall> = {}): OutboundCall => ({
  v: 1, botId: 'shop_b', lane: 'reply', chat: '5', source: { key: 'c5', seq, n }, method: 'sendMessage', params: { chat_id: 5 }, revision: 'r', acceptedMs: 0, ...more,
});

describe('the sent record', () => {
  it('knows what is at or below the last of its lane and source', () => {
    const record = settle(EMPTY_SENT, call(4, 2), undefined, 0);
    expect([call(3, 9), call(4, 2), call(4, 3), call(5, 0)].map((next) => isSettled(record, next))).toEqual([true, true, false, false]);
    expect(isSettled(record, call(4, 2, { lane: 'bulk' }))).toBe(false);
    expect(isSettled(record, call(4, 2, { source: { key: 'other', seq: 1, n: 0 } }))).toBe(false);
  });

  it('sends each call once, however often and from where on the stream is played again', () => {
    const replay = fc.array(fc.nat({ max: 19 }), { maxLength: 8 });
    fc.assert(
      fc.property(replay, (restarts) => {
        const stream = Array.from({ length: 20 }, (_none, n) => call(Math.floor(n / 3), n % 3));
        const sent: OutboundCall[] = [];
        let record = EMPTY_SENT;
        // Each owner starts at some floor that lies at or before what was settled, and gets any way through.
        for (const end of [...restarts, 20]) {
          for (const next of stream.slice(0, end)) {
            if (isSettled(record, next)) continue;
            sent.push(next);
            record = settle(record, next, undefined, 0);
          }
        }
        expect(sent).toEqual(stream);
      }),
    );
  });

  it('stays bounded and keeps the newest', () => {
    let record = EMPTY_SENT;
    for (let n = 0; n < SOURCES_MAX + 50; n += 1) record = settle(record, call(n + 1, 0, { source: { key: `k${n}`, seq: n + 1, n: 0 }, ref: `r${n}` }), n, 0);
    expect(Object.keys(record.last)).toHaveLength(SOURCES_MAX);
    expect(record.last[`reply:k${SOURCES_MAX + 49}`]).toEqual([SOURCES_MAX + 50, 0]);
    expect(Object.keys(record.refs)).toHaveLength(REFS_MAX);
    expect(record.refs[`r${SOURCES_MAX + 49}`]).toBe(SOURCES_MAX + 49);
  });

  it('keeps what was settled last, whatever its sequence: sources do not count together', () => {
    const busy = Array.from({ length: SOURCES_MAX }, (_none, n) => call(1_000_000 + n, 0, { source: { key: `c5_u${n}`, seq: 1_000_000 + n, n: 0 } }));
    const full = busy.reduce((record, next) => settle(record, next, undefined, 0), EMPTY_SENT);
    const campaign = call(3, 0, { lane: 'bulk', source: { key: 'campaign', seq: 3, n: 0 } });
    const replayed = call(7, 0, { source: { key: 'dlq:7', seq: 7, n: 0 } });
    const again = call(2_000_000, 0, { source: { key: 'c5_u0', seq: 2_000_000, n: 0 } });
    const stored = [campaign, again, replayed].reduce((record, next) => JSON.parse(JSON.stringify(settle(record, next, undefined, 0))) as typeof full, full);
    expect([campaign, again, replayed].map((next) => isSettled(stored, next))).toEqual([true, true, true]);
    expect(Object.keys(stored.last)).toHaveLength(SOURCES_MAX);
    expect(busy.filter((next) => !isSettled(stored, next)).map(({ source }) => source.key)).toEqual(['c5_u1', 'c5_u2']);
  });

  it('[P9] keeps until when a chat is frozen, for the next owner too, and forgets it afterwards', () => {
    const frozen = { ...EMPTY_SENT, frozenUntilMs: 5_000 };
    expect(settle(frozen, call(1, 0), undefined, 4_999).frozenUntilMs).toBe(5_000);
    expect(settle(frozen, call(1, 0), 9, 5_000)).not.toHaveProperty('frozenUntilMs');
  });

  it('fills in the message that a ref names', () => {
    const record = settle(EMPTY_SENT, call(1, 0, { ref: 'menu' }), 77, 0);
    expect(paramsOf(record, call(2, 0, { ref: 'menu', method: 'editMessageText' }))).toEqual({ chat_id: 5, message_id: 77 });
    expect(paramsOf(record, call(2, 0, { ref: 'menu', method: 'sendMessage' }))).toEqual({ chat_id: 5 });
    expect(paramsOf(record, call(2, 0, { ref: 'menu', method: 'deleteMessage', params: { message_id: 3 } }))).toEqual({ message_id: 3 });
    expect(paramsOf(record, call(2, 0, { ref: 'gone', method: 'deleteMessage' }))).toBeUndefined();
  });
});

describe('chatToken', () => {
  it('never makes one of two chats, and makes what KV keys allow', () => {
    const tokens = ['5', '-1005', '@news', '@News', 'n=news', '', 'ä'].map((chat) => chatToken({ chat, source: { key: 'k', seq: 1, n: 0 } }));
    tokens.push(chatToken({ chat: null, source: { key: '5', seq: 1, n: 0 } }), chatToken({ chat: null, source: { key: 'o.x', seq: 1, n: 0 } }));
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) expect(token).toMatch(/^[-/_=a-zA-Z0-9]+$/);
  });
});
