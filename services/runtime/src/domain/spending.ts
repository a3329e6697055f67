export interface SpendingLimits {
  /** Processor time of one step that costs nothing. */
  readonly freeMs: number;
  /** What a key may spend beyond that before it is too much. */
  readonly burstMs: number;
  /** How much of it comes back per second. */
  readonly refillMsPerSecond: number;
}

/** Processor time that keys spend in long steps; short ones are free, however many. Pure: time comes in as an argument. */
export class Spending {
  private readonly spent = new Map<string, { ms: number; atMs: number }>();
  private readonly limits: SpendingLimits;

  constructor(limits: SpendingLimits) {
    this.limits = limits;
  }

  /** Counts one step; true when it was too much. */
  charge(key: string, stepMs: number, nowMs: number): boolean {
    const excessMs = stepMs - this.limits.freeMs;
    if (excessMs <= 0) return false;
    const before = this.spent.get(key);
    const restMs = before ? Math.max(0, before.ms - ((nowMs - before.atMs) / 1_000) * this.limits.refillMsPerSecond) : 0;
    const ms = restMs + excessMs;
    this.spent.set(key, { ms, atMs: nowMs });
    return ms > this.limits.burstMs;
  }

  forget(key: string): void {
    this.spent.delete(key);
  }
}
