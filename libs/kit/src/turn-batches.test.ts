import { describe, expect, it } from 'vitest';
import { TurnBatches } from './turn-batches.ts';

function setup(): { batches: TurnBatches<string>; written: string[][] } {
  const written: string[][] = [];
  return { batches: new TurnBatches((item) => item.length, (first, more) => written.push([first, ...more])), written };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('TurnBatches', () => {
  it('joins what is added in one turn, in order, and nothing of the next', async () => {
    const { batches, written } = setup();
    batches.add('a');
    batches.add('b');
    expect(written).toEqual([]);
    await nextTurn();
    batches.add('c');
    await nextTurn();
    expect(written).toEqual([['a', 'b'], ['c']]);
  });

  it('keeps batches small, and writes a long item alone', () => {
    const { batches, written } = setup();
    const long = 'x'.repeat(600_000);
    for (const item of ['a', long, 'b', ...Array.from({ length: 70 }, () => 'c')]) batches.add(item);
    batches.flush();
    expect(written.map((batch) => batch.length)).toEqual([1, 1, 64, 7]);
    expect(written[1]).toEqual([long]);
  });

  it('writes nothing that was dropped', async () => {
    const { batches, written } = setup();
    batches.add('a');
    batches.drop();
    await nextTurn();
    expect(written).toEqual([]);
  });
});
