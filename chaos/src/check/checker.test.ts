import { describe, expect, it } from 'vitest';
import { Checker } from './checker.ts';

const CHAT = 7;

/** A chat with so many updates, and the texts that arrived, 10 ms apart. */
function judge(updates: number, texts: string[], options: { poisons?: number[]; crashes?: number[] } = {}): object {
  const checker = new Checker();
  for (let k = 1; k <= updates; k++) checker.inject(CHAT, { isPoison: options.poisons?.includes(k) ?? false });
  texts.forEach((text, index) => checker.message(CHAT, text, 10_000 + index * 10));
  const { injected: _, examples: __, ...counts } = checker.finish((options.crashes ?? []).map((atMs) => ({ atMs })));
  return counts;
}

const clean = { lost: 0, duplicated: 0, reordered: 0, ambiguous: 0, unexpected: 0 };

describe('[K1] the checker of chaos runs', () => {
  it.each([
    ['every update once and in order', 3, ['1 1', '2 2', '3 3'], clean],
    ['an update without an answer', 3, ['1 1', '2 2'], { ...clean, lost: 1 }],
    ['an answer that is missing in the middle', 3, ['1 1', '3 3'], { ...clean, lost: 1 }],
    ['an update processed twice', 3, ['1 1', '2 2', '3 2', '4 3'], { ...clean, duplicated: 1, reordered: 1 }],
    ['an update processed twice whose second answer was lost', 3, ['1 1', '2 2', '4 3'], { ...clean, duplicated: 1 }],
    ['a state that forgot an update', 3, ['1 1', '2 2', '2 3'], { ...clean, lost: 1 }],
    ['an overtaken answer', 3, ['1 1', '3 3', '2 2'], { ...clean, reordered: 1 }],
    ['updates processed in the wrong order', 2, ['1 2', '2 1'], { ...clean, lost: 1, duplicated: 2, reordered: 1 }],
    ['a message sent twice', 2, ['1 1', '1 1', '2 2'], { ...clean, duplicated: 1 }],
    ['a text of nobody', 1, ['1 1', 'Sorry'], { ...clean, unexpected: 1 }],
  ])('counts %s', (_, updates, texts, counts) => {
    expect(judge(updates, texts)).toEqual(counts);
  });

  it('takes a repeat at a crash for ambiguous, but one per chat only', () => {
    expect(judge(2, ['1 1', '1 1', '2 2'], { crashes: [10_100] })).toEqual({ ...clean, ambiguous: 1 });
    expect(judge(2, ['1 1', '1 1', '1 1', '2 2'], { crashes: [10_100] })).toEqual({ ...clean, ambiguous: 1, duplicated: 1 });
    expect(judge(2, ['1 1', '1 1', '1 1', '2 2'], { crashes: [10_100, 10_200] })).toEqual({ ...clean, ambiguous: 2 });
    expect(judge(2, ['1 1', '1 1', '2 2'], { crashes: [20_000] })).toEqual({ ...clean, duplicated: 1 });
  });

  it('measures a third copy from the second, whose sender died too', () => {
    const checker = new Checker();
    checker.inject(CHAT);
    for (const timeMs of [10_000, 40_000, 70_000]) checker.message(CHAT, '1 1', timeMs);
    expect(checker.finish([{ atMs: 10_100 }, { atMs: 40_100 }])).toMatchObject({ duplicated: 0, ambiguous: 2 });
    expect(checker.finish([{ atMs: 10_100 }])).toMatchObject({ duplicated: 1, ambiguous: 1 });
  });

  it('takes a repeat of an older message for broken order even at a crash', () => {
    expect(judge(2, ['1 1', '2 2', '1 1'], { crashes: [10_000] })).toEqual({ ...clean, ambiguous: 1, reordered: 1 });
  });

  it('expects poisoned updates to be answered by one other text and not to be counted', () => {
    expect(judge(3, ['1 1', 'Sorry', '2 3'], { poisons: [2] })).toEqual(clean);
    expect(judge(3, ['1 1', '2 3'], { poisons: [2] })).toEqual({ ...clean, lost: 1 });
    expect(judge(3, ['1 1', '2 2', 'Sorry', '3 3'], { poisons: [2] })).toEqual({ ...clean, duplicated: 1 });
  });
});
