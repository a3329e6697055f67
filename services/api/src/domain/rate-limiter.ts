/** A token bucket per key, remembered for the keys used last. */
export class RateLimiter {
  private readonly buckets = new Map<string, { tokens: number; atMs: number }>();
  private readonly perMinute: number;
  private readonly keysMax: number;

  /** Bursts go up to `perMinute`. */
  constructor({ perMinute, keysMax }: { perMinute: number; keysMax: number }) {
    this.perMinute = perMinute;
    this.keysMax = keysMax;
  }

  /** Takes one request; returns 0 when it may go on, else how long to wait in ms. */
  take(key: string, nowMs: number): number {
    const perMs = this.perMinute / 60_000;
    const last = this.buckets.get(key);
    const tokens = last === undefined ? this.perMinute : Math.min(this.perMinute, last.tokens + Math.max(0, nowMs - last.atMs) * perMs);
    const isAllowed = tokens >= 1;
    this.remember(key, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    return isAllowed ? 0 : Math.ceil((1 - tokens) / perMs);
  }

  /** A Map keeps the order of insertion, so the first key is the one that was quiet for longest. */
  private remember(key: string, bucket: { tokens: number; atMs: number }): void {
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size <= this.keysMax) return;
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}
