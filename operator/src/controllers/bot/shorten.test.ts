import { expect, it } from 'vitest';
import { EVENT_NOTE_BYTES_MAX, FAILURE_BYTES_MAX, ORIGIN_BYTES_MAX } from '../../limits.ts';
import { shorten } from './shorten.ts';

it.each([EVENT_NOTE_BYTES_MAX, FAILURE_BYTES_MAX])('keeps the beginning and a whole origin within %i bytes', (bytesMax) => {
  const origin = ` (${'o'.repeat(ORIGIN_BYTES_MAX)})`;
  for (const cause of ['x'.repeat(4_000), '“ä”'.repeat(1_000)]) {
    const short = shorten(`gave up b-2: ${cause}${origin}`, bytesMax);
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(bytesMax);
    expect(short).toMatch(/^gave up b-2: [x“ä”]+ … \(o+\)$/);
    expect(short.endsWith(origin.trimStart())).toBe(true);
  }
});

it('leaves alone what fits', () => {
  expect(shorten('a'.repeat(1_000), 1_000)).toBe('a'.repeat(1_000));
});
