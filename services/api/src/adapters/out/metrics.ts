import type { Metrics } from '@botplane/kit';
import type { DeadLetters, ReplayMeter } from '../../app/ports.ts';
import type { WorkLag } from '../../app/work-lag.ts';
import { QUEUES } from '../../domain/dead-letter.ts';
import { DEPTH_REFRESH_MS } from '../../limits.ts';

/** Counts replays. */
export function makeReplayMeter(metrics: Metrics): ReplayMeter {
  const counter = metrics.counter('botplane_dlq_replays_total', 'Dead letters that were asked to be replayed, by outcome.', ['queue', 'outcome']);
  return { count: (queue, outcome) => counter.inc({ queue, outcome }) };
}

/** Keeps `botplane_dlq_depth` and `botplane_lag` fresh. A broker that does not answer takes the values away: old ones would look like healthy ones. */
export class BrokerGauges {
  private timer: NodeJS.Timeout | undefined;
  private readonly refresh: () => Promise<unknown>;

  constructor(letters: DeadLetters, lag: WorkLag, metrics: Metrics) {
    const depth = metrics.gauge('botplane_dlq_depth', 'Dead letters that wait, per queue. Every replica reports the same number.', ['queue']);
    const unsettled = metrics.gauge('botplane_lag', 'Updates and reply calls that are not settled, over all partitions. Every replica reports the same number.', ['stream']);
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
