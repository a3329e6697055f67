/** Strikes by key within a sliding window; too many put a key out for as long again. Pure: time comes in as an argument. */
export class Strikes {
  private readonly times = new Map<string, number[]>();
  private readonly outs = new Map<string, { untilMs: number; cause: string }>();
  private readonly windowMs: number;
  private readonly max: number;

  constructor(windowMs: number, max: number) {
    this.windowMs = windowMs;
    this.max = max;
  }

  /** Counts one more; true when the key is out by it. */
  add(key: string, cause: string, nowMs: number): boolean {
    const recent = [...(this.times.get(key) ?? []).filter((time) => nowMs - time < this.windowMs), nowMs].slice(-this.max);
    this.times.set(key, recent);
    if (recent.length < this.max) return false;
    this.outs.set(key, { untilMs: nowMs + this.windowMs, cause });
    return true;
  }

  /** True from the strike that was one too many until a window later. */
  isOut(key: string, nowMs: number): boolean {
    const out = this.outs.get(key);
    if (out === undefined) return false;
    if (nowMs < out.untilMs) return true;
    this.forget(key);
    return false;
  }

  /** Keys that are out now, and what their last strike was for. */
  out(nowMs: number): { key: string; cause: string }[] {
    return [...this.outs].filter(([key]) => this.isOut(key, nowMs)).map(([key, { cause }]) => ({ key, cause }));
  }

  forget(key: string): void {
    this.times.delete(key);
    this.outs.delete(key);
  }
}
