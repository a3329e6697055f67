import { describe, expect, it } from 'vitest';
import { Checker } from './checker.ts';

const CHAT = 7;
const MANY = 100;
/** Its sender never died. */
const CHAT_OF_ANOTHER = 3;

interface Options {
  poisons?: number[];
  crashes?: number[];
  inFlightMax?: number;
}

/** A chat with so many updates, and the texts that arrived, 10 ms apart. */
function judge(updates: number, texts: string[], { poisons = [], crashes = [], inFlightMax = MANY }: Options = {}): object {
  const checker = new Checker();
  for (let k = 1; k <= updates; k++) checker.inject(CHAT, { isPoison: poisons.includes(k) });
  texts.forEach((text, index) => checker.message(CHAT, text, 10_000 + index * 10));
  return countsOf(checker, crashes, inFlightMax);
}

function countsOf(checker: Checker, crashes: number[] = [], inFlightMax = MANY): object {
  const { injected: _, examples: __, ...counts } = checker.finish(crashes.map((atMs) => ({ atMs, inFlightMax, owns: (chat) => chat !== CHAT_OF_ANOTHER })));
  return counts;
}

/** An update that was delivered from one moment to another. */
interface Delivered {
  queue: string;
  fromMs: number;
  storedMs: number;
}

/** A chat with updates of several queues, answered in the order of these numbers. */
function judgeMixed(updates: Delivered[], answered: number[]): object {
  const checker = new Checker();
  updates.forEach(({ queue, fromMs, storedMs }, index) => {
    checker.took(CHAT, checker.inject(CHAT, { queue }), `b/${index}`);
    checker.arrivals.add(`b/${index}`, fromMs, storedMs, true);
  });
  answered.forEach((k, index) => checker.message(CHAT, `${index + 1} ${k}`, 10_000 + index));
  return countsOf(checker);
}

const clean = { lost: 0, duplicated: 0, reordered: 0, ambiguous: 0, unexpected: 0 };

describe('[K1] the checker of chaos runs', () => {
  it.each([
    ['every update once and in order', 3, ['1 1', '2 2', '3 3'], clean],
    ['an update without an answer', 3, ['1 1', '2 2'], { ...clean, lost: 1 }],
    ['an answer that is missing in the middle', 3, ['1 1', '3 3'], { ...clean, lost: 1 }],
    ['an update processed twice', 3, ['1 1', '2 2', '3 2', '4 3'], { ...clean, duplicated: 1 }],
    ['an update processed twice whose second answer was lost', 3, ['1 1', '2 2', '4 3'], { ...clean, duplicated: 1 }],
    ['the same beside an update that was lost', 4, ['1 1', '2 2', '5 4'], { ...clean, lost: 1, duplicated: 1 }],
    ['a state that forgot an update', 3, ['1 1', '2 2', '2 3'], { ...clean, lost: 1 }],
    ['an overtaken answer', 3, ['1 1', '3 3', '2 2'], { ...clean, reordered: 1 }],
    ['updates processed in the wrong order', 2, ['1 2', '2 1'], { ...clean, reordered: 1 }],
    ['a message sent twice', 2, ['1 1', '1 1', '2 2'], { ...clean, duplicated: 1 }],
    ['a text of nobody', 1, ['1 1', 'Sorry'], { ...clean, unexpected: 1 }],
    ['an answer to an update that nobody sent', 1, ['1 1', '2 9'], { ...clean, unexpected: 1 }],
  ])('counts %s', (_, updates, texts, counts) => {
    expect(judge(updates, texts)).toEqual(counts);
  });

  it('takes a repeat at a crash for ambiguous, but one per chat only', () => {
    expect(judge(2, ['1 1', '1 1', '2 2'], { crashes: [10_100] })).toEqual({ ...clean, ambiguous: 1 });
    expect(judge(2, ['1 1', '1 1', '1 1', '2 2'], { crashes: [10_100] })).toEqual({ ...clean, ambiguous: 1, duplicated: 1 });
    expect(judge(2, ['1 1', '1 1', '1 1', '2 2'], { crashes: [10_100, 10_200] })).toEqual({ ...clean, ambiguous: 2 });
    expect(judge(2, ['1 1', '1 1', '2 2'], { crashes: [20_000] })).toEqual({ ...clean, duplicated: 1 });
  });

  it('excuses no more repeats than calls were in flight', () => {
    const checker = new Checker();
    for (const chat of [4, 5, 6]) {
      checker.inject(chat);
      for (const timeMs of [10_000, 12_000]) checker.message(chat, '1 1', timeMs);
    }
    expect(countsOf(checker, [10_100], 2)).toEqual({ ...clean, ambiguous: 2, duplicated: 1 });
  });

  it('excuses no repeat in a chat whose sender did not die', () => {
    const checker = new Checker();
    checker.inject(CHAT_OF_ANOTHER);
    for (const timeMs of [10_000, 12_000]) checker.message(CHAT_OF_ANOTHER, '1 1', timeMs);
    expect(countsOf(checker, [10_100])).toEqual({ ...clean, duplicated: 1 });
  });

  it.each([
    ['each once and after its answer', ['1 1', 'more 1', '2 2', 'more 2'], clean],
    ['one that never came', ['1 1', 'more 1', '2 2'], { ...clean, lost: 1 }],
    ['one before its answer', ['more 1', '1 1', '2 2', 'more 2'], { ...clean, reordered: 1 }],
    ['one that came twice', ['1 1', 'more 1', 'more 1', '2 2', 'more 2'], { ...clean, duplicated: 1 }],
    ['an answer that came again after one', ['1 1', 'more 1', '1 1', '2 2', 'more 2'], { ...clean, duplicated: 1, reordered: 1 }],
    ['one of no update', ['1 1', 'more 1', '2 2', 'more 2', 'more 3'], { ...clean, unexpected: 1 }],
  ])('judges messages beside answers: %s', (_, texts, counts) => {
    const checker = new Checker({ extraTexts: (k) => [`more ${k}`] });
    for (let k = 1; k <= 2; k++) checker.inject(CHAT);
    texts.forEach((text, index) => checker.message(CHAT, text, 10_000 + index * 10));
    expect(countsOf(checker)).toEqual(counts);
  });

  it('counts the chats of a sender of which a call can be under way', () => {
    const checker = new Checker();
    for (const chat of [1, 2, 3, 4]) checker.inject(chat);
    for (const chat of [2, 4]) checker.message(chat, '1 1', chat === 2 ? 10_000 : 20_000);
    expect(checker.chatsUnderWay((chat) => chat !== CHAT_OF_ANOTHER, 15_000)).toBe(2);
  });

  it('measures a third copy from the second, whose sender died too', () => {
    const checker = new Checker();
    checker.inject(CHAT);
    for (const timeMs of [10_000, 40_000, 70_000]) checker.message(CHAT, '1 1', timeMs);
    expect(countsOf(checker, [10_100, 40_100])).toEqual({ ...clean, ambiguous: 2 });
    expect(countsOf(checker, [10_100])).toEqual({ ...clean, duplicated: 1, ambiguous: 1 });
  });

  it('finds the crash behind each copy when the second sender died soon after it took over, in whatever order crashes are told', () => {
    const checker = new Checker();
    checker.inject(CHAT);
    for (const timeMs of [10_000, 12_300, 14_600]) checker.message(CHAT, '1 1', timeMs);
    expect(countsOf(checker, [12_430, 10_100])).toEqual({ ...clean, ambiguous: 2 });
  });

  it('takes a repeat of an older message for broken order even at a crash', () => {
    expect(judge(2, ['1 1', '2 2', '1 1'], { crashes: [10_000] })).toEqual({ ...clean, ambiguous: 1, reordered: 1 });
  });

  it('expects poisoned updates to be answered by one other text and not to be counted', () => {
    expect(judge(3, ['1 1', 'Sorry', '2 3'], { poisons: [2] })).toEqual(clean);
    expect(judge(3, ['1 1', '2 3'], { poisons: [2] })).toEqual({ ...clean, lost: 1 });
    expect(judge(3, ['1 1', '2 2', 'Sorry', '3 3'], { poisons: [2] })).toEqual({ ...clean, unexpected: 1, duplicated: 1 });
  });

  it('counts a dead letter as lost, once with the missing answer of its update', () => {
    const letter = { v: 1, botId: 'b', reason: 'internal', message: '', attempts: 3, failedMs: 0 } as const;
    const checker = new Checker();
    for (const key of ['b/10', 'b/11', 'b/12']) checker.took(CHAT, checker.inject(CHAT), key);
    checker.message(CHAT, '1 1', 10_000);
    checker.deadLetter({ ...letter, subjectId: '11', payload: {} });
    checker.deadLetter({ ...letter, subjectId: 'c7:5:0', payload: { params: { chat_id: CHAT, text: '3 3' } } });
    expect(countsOf(checker)).toEqual({ ...clean, lost: 2 });
    checker.deadLetter({ ...letter, subjectId: '10', payload: {} });
    expect(countsOf(checker)).toEqual({ ...clean, lost: 3 });
  });
});

describe('[K1] order across kinds of updates', () => {
  const message = { queue: 'chat', fromMs: 0, storedMs: 10 };

  it('is that of arrival: what was stored before another was sent comes first', () => {
    const later = { queue: 'callback', fromMs: 11, storedMs: 20 };
    expect(judgeMixed([message, later], [1, 2])).toEqual(clean);
    expect(judgeMixed([message, later], [2, 1])).toEqual({ ...clean, reordered: 1 });
  });

  it('is free where deliveries overlap', () => {
    const meanwhile = { queue: 'callback', fromMs: 5, storedMs: 20 };
    expect(judgeMixed([message, meanwhile], [1, 2])).toEqual(clean);
    expect(judgeMixed([message, meanwhile], [2, 1])).toEqual(clean);
  });

  it('does not loosen the order within a queue', () => {
    const meanwhile = { queue: 'chat', fromMs: 5, storedMs: 20 };
    expect(judgeMixed([message, meanwhile], [2, 1])).toEqual({ ...clean, reordered: 1 });
  });

  it('binds answers to the order of counting, whatever the queues', () => {
    const checker = new Checker();
    for (const queue of ['chat', 'callback']) checker.inject(CHAT, { queue });
    checker.message(CHAT, '2 2', 10_000);
    checker.message(CHAT, '1 1', 10_010);
    expect(countsOf(checker)).toEqual({ ...clean, reordered: 1 });
  });
});
