import type { Log, Metrics } from '@botplane/kit';
import type { Reporter, SettledAs } from '../app/ports.ts';
import { GuestFailure } from '../app/failures.ts';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import type { RevisionCounter } from '../domain/revision-counter.ts';

/** Counters and log lines of what happens to updates; no content of messages. */
export class MetricsReporter implements Reporter {
  private readonly updates;
  private readonly latency;
  private readonly retries;
  private readonly deadLetters;
  private readonly codes;

  constructor(
    metrics: Metrics,
    private readonly log: Log,
    private readonly counter: RevisionCounter,
  ) {
    this.updates = metrics.counter('botplane_executor_updates_total', 'Updates settled, by how.', ['outcome']);
    this.latency = metrics.histogram('botplane_executor_update_seconds', 'From the acceptance of an update to its commit and outbox.');
    this.retries = metrics.counter('botplane_executor_retries_total', 'Tries that did not settle an update, by reason.', ['reason']);
    this.deadLetters = metrics.counter('botplane_executor_dlq_total', 'Updates given up, by reason.', ['reason']);
    this.codes = metrics.counter('botplane_executor_outcome_codes_total', 'Updates that the bot ignored or failed, by code.', ['outcome', 'code']);
  }

  settled(_update: IncomingUpdate, as: SettledAs, latencyMs: number, code?: string): void {
    this.updates.inc({ outcome: as });
    if (as === 'handled' || as === 'ignored' || as === 'failed' || as === 'dlq') this.latency.observe(Math.max(0, latencyMs) / 1_000);
    if (code !== undefined && as !== 'dlq') this.codes.inc({ outcome: as, code: code.slice(0, 64) });
  }

  retried(update: IncomingUpdate, why: string, error?: Error): void {
    this.retries.inc({ reason: why });
    this.log[why === 'internal' ? 'error' : 'debug']({ botId: update.botId, seq: update.seq, why, err: error }, 'update is tried again');
  }

  deadLettered(update: IncomingUpdate, reason: string, error: Error): void {
    this.deadLetters.inc({ reason });
    if (error instanceof GuestFailure && error.revision !== undefined) this.counter.deadLetter(update.botId, error.revision);
    this.log.warn({ botId: update.botId, seq: update.seq, updateId: update.updateId, reason, err: error }, 'update goes to the dead letter queue');
  }
}
