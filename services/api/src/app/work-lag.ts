import { LAG_CACHE_MS } from '../limits.ts';
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

/** The lag, asked for at most once per LAG_CACHE_MS: anybody may read it, and autoscalers do every few seconds. */
export class WorkLag {
  private last: { untilMs: number; lag: Promise<Lag> } | undefined;

  constructor(
    private readonly source: LagSource,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<Lag> {
    const nowMs = this.clock.nowMs();
    if (!this.last || nowMs >= this.last.untilMs) this.last = { untilMs: nowMs + LAG_CACHE_MS, lag: this.source.read() };
    return this.last.lag;
  }
}
