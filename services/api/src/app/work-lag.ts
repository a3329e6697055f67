import { LAG_CACHE_MS, LAG_MEAN_MS } from '../limits.ts';
import type { Clock } from './ports.ts';

/** Work that waits or is being done, over all partitions. */
export interface Lag {
  /** Updates that no executor has settled. */
  updates: number;
  /** Bot API calls of the reply lane that delivery has not settled; the bulk lane waits for Telegram, which more pods would not change. */
  outbound: number;
}

/** Where the work stands. Throws when the broker does not answer. */
export interface LagSource {
  read(): Promise<Lag>;
}

/** The lag at the moment, and how it was lately. */
export interface RecentLag extends Lag {
  /** Over the last LAG_MEAN_MS, rounded up: even in a rush there are moments at which nothing waits, and no autoscaler is to look just then. */
  mean: Lag;
}

/** The lag, asked for at most once per LAG_CACHE_MS: anybody may read it, and autoscalers do every few seconds. The metrics ask all the time. */
export class WorkLag {
  private last: { untilMs: number; lag: Promise<Lag> } | undefined;
  private looks: { atMs: number; lag: Lag }[] = [];

  constructor(
    private readonly source: LagSource,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<Lag> {
    const nowMs = this.clock.nowMs();
    if (!this.last || nowMs >= this.last.untilMs) this.last = { untilMs: nowMs + LAG_CACHE_MS, lag: this.look(nowMs) };
    return this.last.lag;
  }

  async readRecent(): Promise<RecentLag> {
    const lag = await this.read();
    const mean = (of: keyof Lag): number => Math.ceil(this.looks.reduce((sum, look) => sum + look.lag[of], 0) / this.looks.length);
    return { ...lag, mean: { updates: mean('updates'), outbound: mean('outbound') } };
  }

  private async look(atMs: number): Promise<Lag> {
    const lag = await this.source.read();
    this.looks = [...this.looks.filter((look) => look.atMs > atMs - LAG_MEAN_MS), { atMs, lag }];
    return lag;
  }
}
