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

/** Sets gauges from the broker again and again. One that does not answer takes the values away: old ones would look like healthy ones. */
class RefreshedGauge {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly refresh: () => Promise<void>) {}

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

/** Keeps `botplane_dlq_depth` fresh. */
export class DepthGauge extends RefreshedGauge {
  constructor(letters: DeadLetters, metrics: Metrics) {
    const gauge = metrics.gauge('botplane_dlq_depth', 'Dead letters that wait, per queue. Every replica reports the same number.', ['queue']);
    super(async () => {
      try {
        const depths = await letters.depths();
        for (const queue of QUEUES) gauge.set({ queue }, depths[queue]);
      } catch {
        gauge.reset();
      }
    });
  }
}

/** Keeps `botplane_lag` fresh. */
export class LagGauge extends RefreshedGauge {
  constructor(lag: WorkLag, metrics: Metrics) {
    const gauge = metrics.gauge('botplane_lag', 'Updates and reply calls that are not settled, over all partitions. Every replica reports the same number.', ['stream']);
    super(async () => {
      try {
        for (const [stream, count] of Object.entries(await lag.read())) gauge.set({ stream }, count);
      } catch {
        gauge.reset();
      }
    });
  }
}
