import type { ChatRecord } from '@botplane/contracts';
import { assert, array, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { failedTries, judge, settle, withFailedTry } from './chat-record.ts';

const record = (more: Partial<ChatRecord> = {}): ChatRecord => ({ v: 1, seq: 10, updateIds: [100, 101], state: { a: 1 }, timers: [], outbox: [], routeSeq: 1, ...more });
const empty = { state: {}, timers: [], outbox: [], routeSeq: 1 };

describe('judge', () => {
  it.each([
    ['runs the first message of a key', undefined, { seq: 1, updateId: 1 }, 'run'],
    ['skips what is settled', record(), { seq: 9, updateId: 99 }, 'below'],
    ['publishes again what may not be out', record(), { seq: 10, updateId: 101 }, 'equal'],
    ['knows an update that came again', record(), { seq: 11, updateId: 100 }, 'seen'],
    ['runs a new update', record(), { seq: 11, updateId: 102 }, 'run'],
    ['runs a random lower update_id, as after a quiet week', record(), { seq: 11, updateId: 5 }, 'run'],
    ['runs a timer', record(), { seq: 11, updateId: undefined }, 'run'],
  ] as const)('%s', (_name, known, update, verdict) => {
    expect(judge(known, update)).toBe(verdict);
  });

  it('[P9] lets each update settle once, in whatever order copies of the stream come back', () => {
    const deliveries = array(integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 200 });
    assert(
      property(deliveries, (positions) => {
        let known: ChatRecord | undefined;
        const settled: number[] = [];
        // An owner may start again further back at any time, but within one ownership positions only grow.
        for (const seq of positions.flatMap((from) => Array.from({ length: 31 - from }, (_, at) => from + at))) {
          if (known !== undefined && seq > known.seq + 1) continue;
          if (known === undefined && seq !== 1) continue;
          const update = { seq, updateId: 1_000 + seq };
          if (judge(known, update) !== 'run') continue;
          settled.push(seq);
          known = settle(known, update, empty, 0);
        }
        expect(settled).toEqual(settled.map((_, at) => at + 1));
      }),
    );
  });
});

describe('settle', () => {
  it('remembers the last 64 update_ids and forgets the count of tries', () => {
    const many = record({ updateIds: Array.from({ length: 64 }, (_, n) => n), attempt: { seq: 11, count: 2 } });
    const next = settle(many, { seq: 11, updateId: 500 }, empty, 0);
    expect(next.updateIds).toHaveLength(LIMITS.updateIdsMax);
    expect(next.updateIds.at(-1)).toBe(500);
    expect(next.attempt).toBeUndefined();
  });

  it('gives an empty record a week to live, and one with state or timers no end', () => {
    expect(settle(undefined, { seq: 1, updateId: 1 }, empty, 1_000).expiresMs).toBe(1_000 + 7 * 24 * 3_600_000);
    expect(settle(undefined, { seq: 1, updateId: 1 }, { ...empty, state: { a: 1 } }, 1_000).expiresMs).toBeUndefined();
    expect(settle(undefined, { seq: 1, updateId: 1 }, { ...empty, timers: [{ key: 'wait', nonce: 'n', atMs: 5 }] }, 1_000).expiresMs).toBeUndefined();
  });
});

describe('withFailedTry', () => {
  it('counts for one message only and leaves everything else as it was', () => {
    const once = withFailedTry(record({ attempt: { seq: 10, count: 2 } }), 11, 1);
    expect(once).toEqual(record({ attempt: { seq: 11, count: 1 } }));
    expect(failedTries(withFailedTry(once, 11, 1), 11)).toBe(2);
    expect(failedTries(once, 12)).toBe(0);
    expect(judge(withFailedTry(undefined, 11, 1), { seq: 11, updateId: 1 })).toBe('run');
  });
});
