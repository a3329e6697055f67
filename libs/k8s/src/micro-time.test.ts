import { expect, it } from 'vitest';
import { microTime, parseMicroTime } from './micro-time.ts';

it('writes six digits, as Leases demand, and reads them back', () => {
  const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 67);
  expect(microTime(atMs)).toBe('2026-01-02T03:04:05.067000Z');
  expect(parseMicroTime(microTime(atMs))).toBe(atMs);
});
