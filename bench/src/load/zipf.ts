import { hash32 } from '@botplane/domain';

/** Zipf's law with exponent 1: the k-th most popular of all has a share of 1/k. The same number always draws the same. */
export class Zipf {
  private readonly upTo: readonly number[];

  constructor(count: number) {
    let sum = 0;
    this.upTo = Array.from({ length: count }, (_none, n) => (sum += 1 / (n + 1)));
  }

  /** 0 is the most popular. */
  draw(number: number): number {
    const wanted = (hash32(`zipf:${number}`) / 2 ** 32) * (this.upTo.at(-1) ?? 0);
    let [low, high] = [0, this.upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.upTo[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
