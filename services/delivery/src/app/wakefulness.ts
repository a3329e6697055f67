import { ASLEEP_MS_MIN, BEAT_MS } from '../limits.ts';

/**
 * Notices that this process did not run for a while (stopped, swapped out, a suspended laptop): meanwhile others may have taken its
 * partitions, and nothing may be sent before that is known.
 */
export class Wakefulness {
  private beatMs = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private readonly onAsleep: () => void;

  constructor(onAsleep: () => void) {
    this.onAsleep = onAsleep;
  }

  start(): void {
    this.beatMs = performance.now();
    this.timer = setInterval(() => this.check(), BEAT_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Call before anything that cannot be taken back: tells, at once, when the process was asleep. */
  check(): void {
    const nowMs = performance.now();
    const wasAsleep = nowMs - this.beatMs > ASLEEP_MS_MIN;
    this.beatMs = nowMs;
    if (wasAsleep) this.onAsleep();
  }
}
