import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

describe('FairQueue', () => {
  it('serves keys in turn and each key in order', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item[0] ?? '', item);
    expect(Array.from({ length: 7 }, () => queue.shift())).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', undefined]);
    expect(queue.size).toBe(0);
  });

  it('puts what was served back before the rest of its line', () => {
    const queue = new FairQueue<string>();
    queue.push('a', 'a1');
    queue.push('a', 'a2');
    queue.pushFront('a', queue.shift() ?? '');
    expect([queue.sizeOf('a'), queue.shift(), queue.shift()]).toEqual([2, 'a1', 'a2']);
  });

  it('gives everything away when it is drained', () => {
    const queue = new FairQueue<string>();
    queue.push('a', 'a1');
    queue.push('b', 'b1');
    expect(queue.drain()).toEqual(['a1', 'b1']);
    expect([queue.size, queue.shift()]).toEqual([0, undefined]);
  });
});
