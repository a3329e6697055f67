import { chatMark } from '@botplane/domain';
import type { Log } from '@botplane/kit';
import type { Reporter, SettledAs } from '../app/ports.ts';
import { GuestFailure } from '../app/failures.ts';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import type { RevisionCounter } from '../domain/revision-counter.ts';
import type { ExecutorMetrics } from './out/prometheus-metrics.ts';

/** Counters and log lines of what happens to updates; no content of messages. */
export class MetricsReporter implements Reporter {
  constructor(
    private readonly metrics: ExecutorMetrics,
    private readonly log: Log,
    private readonly counter: RevisionCounter,
  ) {}

  settled(update: IncomingUpdate, as: SettledAs, latencyMs: number, code?: string): void {
    this.metrics.updates.inc({ outcome: as });
    if (as === 'handled' || as === 'ignored' || as === 'failed' || as === 'dlq') this.metrics.updateSeconds.observe(Math.max(0, latencyMs) / 1_000);
    if (code !== undefined && as !== 'dlq') this.metrics.codes.inc({ outcome: as, code: code.slice(0, 64) });
    if (update.span !== undefined) this.log.info({ ...fieldsOf(update), outcome: as, code }, 'update is settled');
  }

  retried(update: IncomingUpdate, why: string, error?: Error): void {
    this.metrics.retries.inc({ reason: why });
    this.log[why === 'internal' ? 'error' : 'debug']({ ...fieldsOf(update), why, err: error }, 'update is tried again');
  }

  deadLettered(update: IncomingUpdate, reason: string, error: Error): void {
    this.metrics.deadLetters.inc({ reason });
    if (error instanceof GuestFailure && error.revision !== undefined) this.counter.deadLetter(update.botId, error.revision);
    this.log.warn({ ...fieldsOf(update), reason, err: error }, 'update goes to the dead letter queue');
  }
}

const fieldsOf = ({ botId, orderKey, seq, updateId, span }: IncomingUpdate): object => ({ ...span?.ids, botId, chat: chatMark(botId, orderKey), seq, updateId });
