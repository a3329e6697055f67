/** Strikes by key within a sliding window. Pure: time comes in as an argument. */
export class Strikes {
  private readonly times = new Map<string, number[]>();
  private readonly windowMs: number;
  private readonly max: number;

  constructor(windowMs: number, max: number) {
    this.windowMs = windowMs;
    this.max = max;
  }

  /** Counts one more. */
  add(key: string, nowMs: number): void {
    const recent = this.recent(key, nowMs);
    this.times.set(key, [...recent, nowMs].slice(-this.max));
  }

  /** True when the window holds as many as are allowed. */
  isOut(key: string, nowMs: number): boolean {
    if (!this.times.has(key)) return false;
    const recent = this.recent(key, nowMs);
    if (recent.length === 0) this.times.delete(key);
    return recent.length >= this.max;
  }

  forget(key: string): void {
    this.times.delete(key);
  }

  private recent(key: string, nowMs: number): number[] {
    return (this.times.get(key) ?? []).filter((time) => nowMs - time < this.windowMs);
  }
}
