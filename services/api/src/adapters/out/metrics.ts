import type { Metrics } from '@botplane/kit';
import type { DeadLetters, ReplayMeter } from '../../app/ports.ts';
import type { WorkLag } from '../../app/work-lag.ts';
import { QUEUES } from '../../domain/dead-letter.ts';
import { DEPTH_REFRESH_MS } from '../../limits.ts';
import { brokerMetrics, replayMetrics } from './prometheus-metrics.ts';

/** Counts replays. */
export function makeReplayMeter(metrics: Metrics): ReplayMeter {
  const counter = replayMetrics(metrics);
  return { count: (queue, outcome) => counter.inc({ queue, outcome }) };
}

/** Keeps `botplane_dlq_depth` and `botplane_lag` fresh. A broker that does not answer takes the values away: old ones would look like healthy ones. */
export class BrokerGauges {
  private timer: NodeJS.Timeout | undefined;
  private readonly refresh: () => Promise<unknown>;

  constructor(letters: DeadLetters, lag: WorkLag, metrics: Metrics) {
    const { depth, unsettled } = brokerMetrics(metrics);
    const set = async (gauge: { reset(): void }, read: () => Promise<void>): Promise<void> => read().catch(() => gauge.reset());
    this.refresh = () => Promise.all([
      set(depth, async () => {
        const depths = await letters.depths();
        for (const queue of QUEUES) depth.set({ queue }, depths[queue]);
      }),
      set(unsettled, async () => {
        for (const [stream, count] of Object.entries(await lag.read())) unsettled.set({ stream }, count);
      }),
    ]);
  }

  /** Reads now, and again after a pause until stopped. */
  async start(): Promise<void> {
    await this.refresh();
    this.timer = setTimeout(() => void this.start(), DEPTH_REFRESH_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
