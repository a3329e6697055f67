import { expect, it } from 'vitest';
import { findStepsBack } from './route-witness.ts';

const put = (revision: number, routeSeq: number, botId = 'b') => ({ revision, routeSeq, botId });

it('finds a lower number of the same bot, whatever the order in which it hears of them', () => {
  expect(findStepsBack([put(3, 4), put(1, 5), put(2, 1, 'other')], new Set())).toEqual(['routeSeq of b went from 5 to 4']);
});

it('does not take the restored copy for one, and asks for more than that copy after it', () => {
  expect(findStepsBack([put(1, 5), put(2, 1), put(3, 5)], new Set([2]))).toEqual([]);
  expect(findStepsBack([put(1, 5), put(2, 1), put(3, 2)], new Set([2]))).toEqual(['routeSeq of b went from 5 to 2']);
});
