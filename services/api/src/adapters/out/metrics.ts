import type { Metrics } from '@botplane/kit';
import type { DeadLetters, ReplayMeter } from '../../app/ports.ts';
import { QUEUES } from '../../domain/dead-letter.ts';
import { DEPTH_REFRESH_MS } from '../../limits.ts';

/** Counts replays. */
export function makeReplayMeter(metrics: Metrics): ReplayMeter {
  const counter = metrics.counter('botplane_dlq_replays_total', 'Dead letters that were asked to be replayed, by outcome.', ['queue', 'outcome']);
  return { count: (queue, outcome) => counter.inc({ queue, outcome }) };
}

/** Keeps `botplane_dlq_depth` fresh. A broker that does not answer takes the value away: an old one would look like a healthy one. */
export class DepthGauge {
  private timer: NodeJS.Timeout | undefined;
  private readonly refresh: () => Promise<void>;

  constructor(letters: DeadLetters, metrics: Metrics) {
    const gauge = metrics.gauge('botplane_dlq_depth', 'Dead letters that wait, per queue. Every replica reports the same number.', ['queue']);
    this.refresh = async () => {
      try {
        const depths = await letters.depths();
        for (const queue of QUEUES) gauge.set({ queue }, depths[queue]);
      } catch {
        gauge.reset();
      }
    };
  }

  /** Reads the depth now, and again after a pause until stopped. */
  async start(): Promise<void> {
    await this.refresh();
    this.timer = setTimeout(() => void this.start(), DEPTH_REFRESH_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
