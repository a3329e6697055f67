import { expect, it } from 'vitest';
import { describeFindings } from './findings.ts';

it('[C6] tells path, problem and remedy of each compile error, and how many more there are', () => {
  const finding = { code: 'unknown_target', path: 'flows.a.steps[0].goto', message: 'flow `ordr` does not exist', remedy: 'did you mean `order`?' };
  expect(describeFindings([finding])).toBe('flows.a.steps[0].goto: flow `ordr` does not exist (did you mean `order`?) [unknown_target]');
  expect(describeFindings(Array.from({ length: 12 }, () => finding)).split('\n').at(-1)).toBe('and 2 more');
});
