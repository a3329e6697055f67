import { STREAMS } from '@botplane/contracts';
import type { Metrics } from '@botplane/kit';
import type { Nats } from '@botplane/nats';
import type { MessageMeter } from '../../app/message-ports.ts';
import { LAG_REFRESH_MS } from '../../limits.ts';
import { messageLagMetrics, messageMetrics } from './prometheus-metrics.ts';

/** Counts what becomes of messages. */
export function makeMessageMeter(metrics: Metrics): MessageMeter {
  const { messages, removed } = messageMetrics(metrics);
  return { count: (outcome, n) => messages.inc({ outcome }, n), removed: (by, n) => removed.inc({ by }, n) };
}

/** Keeps the lag of the messages store fresh; without the broker the value is NaN, since an old one would look healthy. */
export class MessageLag {
  private timer: NodeJS.Timeout | undefined;
  private readonly refresh: () => Promise<void>;

  constructor(nats: Nats, metrics: Metrics) {
    const { waiting, bytes, lag } = messageLagMetrics(metrics);
    this.refresh = async () => {
      try {
        const { state } = await nats.jsm.streams.info(STREAMS.messages);
        waiting.set(state.messages);
        bytes.set(state.bytes);
        lag.set(state.messages === 0 ? 0 : Math.max(0, (Date.now() - Date.parse(state.first_ts)) / 1_000));
      } catch {
        for (const gauge of [waiting, bytes, lag]) gauge.set(Number.NaN);
      }
    };
  }

  /** Reads the lag now, and again after a pause until stopped. */
  async start(): Promise<void> {
    await this.refresh();
    this.timer = setTimeout(() => void this.start(), LAG_REFRESH_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
