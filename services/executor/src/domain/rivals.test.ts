import type { ChatRecord } from '@botplane/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rivalsOf } from './rivals.ts';
import type { Rival } from './rivals.ts';

const waiting = (seq: number, change: Partial<Rival> = {}): Rival => ({ seq, stateKey: 'a', kind: 'message', updateId: 100 + seq, ...change });
const record = (seq: number, updateIds: number[]): ChatRecord => ({ v: 1, seq, updateIds, state: {}, timers: [], outbox: [], routeSeq: 1 });
const seqs = (rivals: readonly Rival[]): number[] => rivals.map(({ seq }) => seq);

describe('rivalsOf', () => {
  it('[K2] names newer messages of the same state key, the newest first', () => {
    expect(seqs(rivalsOf(waiting(1), [waiting(2), waiting(3, { stateKey: 'b' }), waiting(4)], undefined))).toEqual([4, 2]);
  });

  it('[K2] stops at a press or a timer, since it counts on what came before it', () => {
    expect(seqs(rivalsOf(waiting(1), [waiting(2), waiting(3, { kind: 'callback_query' }), waiting(4)], undefined))).toEqual([2]);
    expect(seqs(rivalsOf(waiting(1), [waiting(2, { kind: 'timer', updateId: undefined }), waiting(3)], undefined))).toEqual([]);
    expect(seqs(rivalsOf(waiting(1), [waiting(2, { kind: 'callback_query', stateKey: 'b' }), waiting(3)], undefined))).toEqual([3]);
  });

  it('[K2] never names a copy of the message itself, or of one that is settled: both would be lost', () => {
    expect(rivalsOf(waiting(5), [waiting(6, { updateId: 105 })], undefined)).toEqual([]);
    expect(rivalsOf(waiting(5), [waiting(6, { updateId: 90 })], record(4, [90]))).toEqual([]);
  });

  it('leaves presses and timers alone', () => {
    expect(rivalsOf(waiting(1, { kind: 'callback_query' }), [waiting(2)], undefined)).toEqual([]);
  });

  it('[K2] settled by it, a chain loses no last message of any person, whatever comes in which order and how often', () => {
    const update = fc.record({ stateKey: fc.constantFrom('a', 'b'), kind: fc.constantFrom('message', 'message', 'message', 'callback_query'), updateId: fc.integer({ min: 1, max: 12 }) });
    fc.assert(fc.property(fc.array(update, { maxLength: 14 }), (updates) => {
      const kindOf = new Map(updates.map(({ updateId, kind, stateKey }) => [updateId, { kind, stateKey }]));
      // Copies of an update are the same update.
      const chain = updates.map(({ updateId }, at) => ({ seq: at + 1, updateId, kind: 'message', stateKey: 'a', ...kindOf.get(updateId) }));
      const records = new Map<string, ChatRecord>();
      const worked: Rival[] = [];
      chain.forEach((head, at) => {
        const known = records.get(head.stateKey);
        if (known?.updateIds.includes(head.updateId)) return;
        if (rivalsOf(head, chain.slice(at + 1), known).length === 0) worked.push(head);
        records.set(head.stateKey, record(head.seq, [...(known?.updateIds ?? []), head.updateId]));
      });
      for (const key of ['a', 'b']) {
        const firsts = chain.filter((one, at) => one.stateKey === key && chain.findIndex(({ updateId }) => updateId === one.updateId) === at);
        const mine = worked.filter(({ stateKey }) => stateKey === key);
        // The last new update of each person is worked on, every press is, nothing is twice, and the order stays.
        expect(mine.at(-1)?.updateId).toBe(firsts.at(-1)?.updateId);
        expect(mine.filter(({ kind }) => kind === 'callback_query').map(({ updateId }) => updateId)).toEqual(firsts.filter(({ kind }) => kind === 'callback_query').map(({ updateId }) => updateId));
        expect(new Set(mine.map(({ updateId }) => updateId)).size).toBe(mine.length);
      }
    }));
  });
});
