import { expect, it } from 'vitest';
import { makeBotId, parseBotId } from './bot-id.ts';

it('joins and splits namespace and name', () => {
  expect(makeBotId('team-a', 'coffee-club')).toBe('team-a_coffee-club');
  expect(parseBotId('team-a_coffee-club')).toEqual({ namespace: 'team-a', name: 'coffee-club' });
});

it.each(['', 'echo', '_echo', 'default_', 'default_Echo', 'a_b_c', 'default_9lives', 'a.b_c'])('tells that %j is no bot id', (text) => {
  expect(parseBotId(text)).toBeUndefined();
});
