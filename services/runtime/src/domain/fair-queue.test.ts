import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

describe('FairQueue', () => {
  it('serves keys in turn and each key in order', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item[0] ?? '', item);
    expect(Array.from({ length: 7 }, () => queue.shift())).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', undefined]);
    expect(queue.size).toBe(0);
  });

  it('serves some items of a key in one turn where they may follow each other', () => {
    const queue = new FairQueue<string>({ itemsMax: 2, mayFollow: (item) => item[0] !== 'b' });
    for (const item of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) queue.push(item[0] ?? '', item);
    expect(Array.from({ length: 6 }, () => queue.shift())).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  });

  it('gives the turn to the next key when the rest of a line is taken out', () => {
    const queue = new FairQueue<string>({ itemsMax: 3, mayFollow: () => true });
    for (const item of ['a1', 'a2', 'b1', 'b2']) queue.push(item[0] ?? '', item);
    expect(queue.shift()).toBe('a1');
    expect(queue.take('a')).toEqual(['a2']);
    queue.push('a', 'a3');
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual(['b1', 'b2', 'a3', undefined]);
  });

  it('serves what was put back before everything else', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'b1', 'c1']) queue.push(item[0] ?? '', item);
    queue.pushFront('c', 'c0');
    expect(Array.from({ length: 4 }, () => queue.shift())).toEqual(['c0', 'a1', 'b1', 'c1']);
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
