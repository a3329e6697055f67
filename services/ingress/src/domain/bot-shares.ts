export interface ShareLimits {
  /** Updates of one bot per second, in the long run. */
  readonly perSecondMax: number;
  /** Updates that may come at once after a quiet time. */
  readonly burstMax: number;
  /** Updates of one bot under way at the same time. */
  readonly inFlightMax: number;
  /** Bots remembered. */
  readonly botsMax: number;
}

interface Share {
  tokens: number;
  atMs: number;
  inFlight: number;
}

/** What each bot may take of this process, so that one bot's flood leaves room for the others. Time comes in as an argument. */
export class BotShares {
  private readonly shares = new Map<string, Share>();
  private readonly limits: ShareLimits;

  constructor(limits: ShareLimits) {
    this.limits = limits;
  }

  /** Takes one update out of the bot's rate; false: it comes too fast. */
  takeRate(botId: string, nowMs: number): boolean {
    const share = this.of(botId, nowMs);
    share.tokens = this.tokensAt(share, nowMs);
    share.atMs = nowMs;
    if (share.tokens < 1) return false;
    share.tokens -= 1;
    return true;
  }

  /** Takes a place under way, to be given back with `leave`; false: the bot has all of its places. */
  enter(botId: string, nowMs: number): boolean {
    const share = this.of(botId, nowMs);
    if (share.inFlight >= this.limits.inFlightMax) return false;
    share.inFlight += 1;
    return true;
  }

  leave(botId: string): void {
    const share = this.shares.get(botId);
    if (share) share.inFlight -= 1;
  }

  private of(botId: string, nowMs: number): Share {
    const known = this.shares.get(botId);
    if (known) return known;
    if (this.shares.size >= this.limits.botsMax) this.forgetQuiet(nowMs);
    const made: Share = { tokens: this.limits.burstMax, atMs: nowMs, inFlight: 0 };
    this.shares.set(botId, made);
    return made;
  }

  private tokensAt(share: Share, nowMs: number): number {
    return Math.min(this.limits.burstMax, share.tokens + ((nowMs - share.atMs) * this.limits.perSecondMax) / 1_000);
  }

  /** A share that is whole again is as good as a new one. */
  private forgetQuiet(nowMs: number): void {
    for (const [botId, share] of this.shares) if (share.inFlight === 0 && this.tokensAt(share, nowMs) >= this.limits.burstMax) this.shares.delete(botId);
  }
}
