import { expect, it } from 'vitest';
import { firstBytes, lastBytes } from './utf8.ts';

it('counts bytes and cuts no character in two', () => {
  expect([firstBytes('aä€', 6), firstBytes('aä€', 5), firstBytes('aä€', 2)]).toEqual(['aä€', 'aä', 'a']);
  expect([lastBytes('€äa', 6), lastBytes('€äa', 5), lastBytes('€äa', 2)]).toEqual(['€äa', 'äa', 'a']);
});
