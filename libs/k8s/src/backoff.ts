/** Doubling waits with jitter that start over after a quiet time. */
export class Backoff {
  private steps = 0;
  private lastMs = Number.NEGATIVE_INFINITY;
  private readonly limits: { firstMs: number; maxMs: number; resetMs: number };
  private readonly nowMs: () => number;
  private readonly random: () => number;

  constructor(limits: { firstMs: number; maxMs: number; resetMs: number }, nowMs = () => performance.now(), random = Math.random) {
    this.limits = limits;
    this.nowMs = nowMs;
    this.random = random;
  }

  /** The wait before the next try: the step plus up to as much again, at most `maxMs`. */
  nextMs(): number {
    const { firstMs, maxMs, resetMs } = this.limits;
    const now = this.nowMs();
    if (now - this.lastMs > resetMs) this.steps = 0;
    this.lastMs = now;
    const step = Math.min(firstMs * 2 ** this.steps, maxMs);
    if (step < maxMs) this.steps++;
    return Math.min(step * (1 + this.random()), maxMs);
  }
}
