import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelayHeap } from './delay-heap.ts';
import { Fifo } from './fifo.ts';
import { WorkQueue } from './work-queue.ts';

async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const key = (await queue.get())!;
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('WorkQueue', () => {
  it('holds a key once however often it is added', async () => {
    const queue = new WorkQueue();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(await drain(queue)).toEqual(['a', 'b']);
  });

  it('runs a key once more when it was added while in work, and never twice at once', async () => {
    const queue = new WorkQueue();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
  });

  it('gives waiting takers keys in the order in which they asked', async () => {
    const queue = new WorkQueue();
    const takers = [queue.get(), queue.get()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(takers)).toEqual(['a', 'b']);
  });

  it('takes live changes before a first list, and lets a listed key move up', async () => {
    const queue = new WorkQueue();
    for (const key of ['low-1', 'low-2', 'low-3']) queue.add(key, 'low');
    queue.add('live');
    queue.add('low-3');
    queue.add('live', 'low');
    expect(await drain(queue)).toEqual(['live', 'low-3', 'low-1', 'low-2']);
  });

  it('begins keys of the low lane only while it may, and finds out by itself when it may again', async () => {
    let mayBegin = false;
    const queue = new WorkQueue({ mayBegin: () => mayBegin });
    queue.add('listed', 'low');
    queue.add('live');
    expect(await queue.get()).toBe('live');
    const taker = queue.get();
    queue.add('live-too');
    expect(await taker).toBe('live-too');
    const next = queue.get();
    mayBegin = true;
    expect(await next).toBe('listed');
  });

  it('lets a key of a first list through now and then while live changes never end', async () => {
    const queue = new WorkQueue();
    queue.add('listed', 'low');
    const taken: string[] = [];
    while (!taken.includes('listed') && taken.length < 100) {
      queue.add(`live-${taken.length}`);
      queue.add(`more-${taken.length}`);
      const key = (await queue.get()) ?? '';
      taken.push(key);
      queue.done(key);
    }
    expect(taken.length).toBe(17);
  });

  it('doubles the wait of a failing key, caps it, and forgets', () => {
    const queue = new WorkQueue({ retryDelayMs: 5, retryDelayMsMax: 30, random: () => 0 });
    expect([1, 2, 3, 4, 5].map(() => queue.addRateLimited('a'))).toEqual([5, 10, 20, 30, 30]);
    expect(queue.failuresOf('a')).toBe(5);
    expect(queue.addRateLimited('b', 200)).toBe(200);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(5);
    queue.shutDown();
  });

  it('spreads waits by up to a fifth, so that keys that failed together come back one by one', () => {
    const queue = new WorkQueue({ retryDelayMs: 1_000 });
    const waits = Array.from({ length: 200 }, (_, n) => queue.addRateLimited(`key-${n}`));
    expect(waits.every((wait) => wait >= 1_000 && wait <= 1_200)).toBe(true);
    expect(new Set(waits).size).toBeGreaterThan(100);
    queue.shutDown();
  });

  it('waits 1000 s at most by default', () => {
    const queue = new WorkQueue({ random: () => 0 });
    const waits = Array.from({ length: 2_000 }, () => queue.addRateLimited('a'));
    expect(waits[0]).toBe(5);
    expect(waits.at(-1)).toBe(1_000_000);
    queue.shutDown();
  });

  it('releases a delayed key at the earlier of its times', async () => {
    const queue = new WorkQueue();
    queue.addAfter('a', 60_000);
    queue.addAfter('a', 20);
    queue.addAfter('a', 30_000);
    expect(queue.delayedLength).toBe(1);
    expect(await queue.get()).toBe('a');
    expect(queue.delayedLength).toBe(0);
    queue.shutDown();
  });

  it('lets takers go when it shuts down, and takes nothing any more', async () => {
    const queue = new WorkQueue();
    const taker = queue.get();
    queue.addAfter('later', 5);
    queue.shutDown();
    queue.add('late');
    await sleep(20);
    expect(await taker).toBeUndefined();
    expect(await queue.get()).toBeUndefined();
    expect(queue.length).toBe(0);
  });

  it('loses no key and runs none twice at once, whatever the order of calls', async () => {
    const step = fc.record({ act: fc.constantFrom('add', 'low', 'take', 'done'), key: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const queue = new WorkQueue();
        const inWork = new Set<string>();
        const owed = new Set<string>();
        const violations: string[] = [];
        for (const { act, key } of steps) {
          if (act === 'add' || act === 'low') {
            queue.add(key, act === 'low' ? 'low' : 'normal');
            owed.add(key);
          } else if (act === 'take' && queue.length > 0) {
            const taken = (await queue.get())!;
            if (inWork.has(taken) || !owed.delete(taken)) violations.push(taken);
            inWork.add(taken);
          } else if (act === 'done' && inWork.delete(key)) queue.done(key);
        }
        for (const key of inWork) queue.done(key);
        expect(violations).toEqual([]);
        expect(new Set(await drain(queue))).toEqual(owed);
      }),
    );
  });
});

describe('DelayHeap', () => {
  it('gives keys by time, each at the earliest it was given', () => {
    const entry = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 0, max: 500 }));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
        const heap = new DelayHeap();
        const earliest = new Map<string, number>();
        for (const [key, atMs] of entries) {
          heap.push(key, atMs);
          earliest.set(key, Math.min(atMs, earliest.get(key) ?? atMs));
        }
        expect(heap.size).toBe(earliest.size);
        const times = heap.due(500).map((key) => earliest.get(key)!);
        expect(times).toEqual([...earliest.values()].sort((a, b) => a - b));
        expect(heap.nextAtMs()).toBeUndefined();
      }),
    );
  });
});

describe('Fifo', () => {
  it('keeps the order over many thousand keys', () => {
    const fifo = new Fifo();
    const out: string[] = [];
    for (let i = 0; i < 5_000; i++) {
      fifo.push(String(2 * i));
      fifo.push(String(2 * i + 1));
      out.push(fifo.shift()!);
    }
    for (let key = fifo.shift(); key !== undefined; key = fifo.shift()) out.push(key);
    expect(out).toEqual(Array.from({ length: 10_000 }, (_, i) => String(i)));
  });
});
