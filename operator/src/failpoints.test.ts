import { expect, it } from 'vitest';
import { Failpoints } from './failpoints.ts';

it('refuses a failpoint that does not exist', () => {
  expect(() => new Failpoints('after-nothing', undefined)).toThrow("'after-nothing' is none of");
});

it('does nothing at points that are not set', () => {
  new Failpoints('', undefined).hit('after-route-put');
});
