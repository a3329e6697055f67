import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import { Failpoints, envFailpoints } from './failpoints.ts';
import { z } from 'zod';

const NAMES = ['before-send', 'after-send'] as const;
const read = (text: string): ReadonlyMap<string, unknown> => parseConfig(z.object({ POINTS: envFailpoints(NAMES) }), { POINTS: text }).POINTS;

function passes(setting: string, times: number): number[] {
  const crashes: number[] = [];
  let pass = 0;
  const failpoints = new Failpoints<(typeof NAMES)[number]>(parseConfig(z.object({ POINTS: envFailpoints(NAMES) }), { POINTS: setting }).POINTS, () => crashes.push(pass));
  for (pass = 1; pass <= times; pass++) failpoints.hit('before-send');
  return crashes;
}

it('[K1] a failpoint is met at every n-th pass', () => {
  expect(passes('before-send:every-3', 10)).toEqual([3, 6, 9]);
});

it('[K1] a failpoint with probability 1 is met at each pass, and another one never', () => {
  expect(passes('before-send:1', 3)).toEqual([1, 2, 3]);
  expect(passes('after-send:1', 3)).toEqual([]);
});

it('[K1] without a setting no failpoint is met', () => {
  expect(passes('', 100)).toEqual([]);
});

it.each(['before-sent:0.5', 'before-send', 'before-send:0', 'before-send:1.5', 'before-send:every-0', 'before-send:x'])('[K1] the setting %s is refused', (text) => {
  expect(() => read(text)).toThrow('POINTS');
});
