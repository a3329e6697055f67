/** Tokens that refill at a steady rate up to a burst. Pure: time comes in as an argument, in ms. */
export class TokenBucket {
  private readonly burst: number;
  private readonly perMs: number;
  private tokens: number;
  private atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.burst = burst;
    this.perMs = perSecond / 1_000;
    this.tokens = burst;
    this.atMs = nowMs;
  }

  /** How long until a token is there; 0: now. */
  waitMs(nowMs: number): number {
    this.refill(nowMs);
    return this.tokens >= 1 ? 0 : Math.ceil((1 - this.tokens) / this.perMs);
  }

  take(nowMs: number): void {
    this.refill(nowMs);
    this.tokens -= 1;
  }

  /** True when it holds its whole burst, so that forgetting it changes nothing. */
  isFull(nowMs: number): boolean {
    this.refill(nowMs);
    return this.tokens >= this.burst;
  }

  private refill(nowMs: number): void {
    this.tokens = Math.min(this.burst, this.tokens + (nowMs - this.atMs) * this.perMs);
    this.atMs = nowMs;
  }
}
