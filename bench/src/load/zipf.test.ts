import { expect, it } from 'vitest';
import { Zipf } from './zipf.ts';

it('draws the k-th of 600 with a share of 1/k, and the same for the same number', () => {
  const zipf = new Zipf(600);
  const drawn = Array.from({ length: 100_000 }, (_none, n) => zipf.draw(n));
  expect(drawn).toEqual(drawn.map((_index, n) => zipf.draw(n)));
  const harmonic = Array.from({ length: 600 }, (_none, n) => 1 / (n + 1)).reduce((sum, share) => sum + share);
  for (const k of [1, 2, 10]) {
    const share = drawn.filter((index) => index === k - 1).length / drawn.length;
    expect(share).toBeGreaterThan(0.9 / k / harmonic);
    expect(share).toBeLessThan(1.1 / k / harmonic);
  }
  expect(Math.max(...drawn)).toBeLessThan(600);
  expect(new Set(drawn).size).toBeGreaterThan(590);
});
