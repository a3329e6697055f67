import { monthsBetween } from '../domain/month.ts';
import { DELETE_ROWS_MAX, ERASURE_KEPT_MS, MONTHS_AHEAD_MS, TIDY_BATCHES_MAX } from '../limits.ts';
import type { MessageMeter, MessageRetention } from './message-ports.ts';
import type { Clock } from './ports.ts';

/** Makes room ahead, and removes what is older than its bot keeps it. */
export class TidyMessages {
  private readonly retention: MessageRetention;
  private readonly meter: MessageMeter;
  private readonly clock: Clock;

  constructor(retention: MessageRetention, meter: MessageMeter, clock: Clock) {
    this.retention = retention;
    this.meter = meter;
    this.clock = clock;
  }

  /** One round; false when there is more to delete than fits one. */
  async execute(): Promise<boolean> {
    const now = new Date(this.clock.nowMs());
    await this.retention.ensureMonths(monthsBetween(now, new Date(now.getTime() + MONTHS_AHEAD_MS)));
    await this.dropOldMonths(now);
    await this.retention.forgetErasures(new Date(now.getTime() - ERASURE_KEPT_MS));
    return this.deleteExpired(now);
  }

  /** A month that ended before the longest retention began has nothing that any bot keeps. */
  private async dropOldMonths(now: Date): Promise<void> {
    const keptFromMs = now.getTime() - (await this.retention.longestMs());
    const old = (await this.retention.months()).filter(({ to }) => to.getTime() <= keptFromMs);
    if (old.length === 0) return;
    await this.retention.drop(old);
    this.meter.removed('partition', old.length);
  }

  private async deleteExpired(now: Date): Promise<boolean> {
    for (let batch = 0; batch < TIDY_BATCHES_MAX; batch += 1) {
      const deleted = await this.retention.deleteExpired(now, DELETE_ROWS_MAX);
      this.meter.removed('rows', deleted);
      if (deleted === 0) return true;
    }
    return false;
  }
}
