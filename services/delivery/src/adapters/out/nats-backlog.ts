import { STREAMS, subjects } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
import { TRACEPARENT } from '@botplane/kit';
import type { Nats } from '@botplane/nats';
import type { Backlog, BacklogEntry, BulkLaneName } from '../../app/ports.ts';
import { BACKLOG_READ_MS_MAX } from '../../limits.ts';
import { readCall } from '../in/read-call.ts';

const BULK_LANES = ['bulk', 'paid'] as const satisfies readonly BulkLaneName[];

/** How the server says that no message is left. */
const NOTHING_THERE = 404;

/** A bot that has calls of a bulk lane in the stream. */
export interface BotWithBacklog {
  readonly lane: BulkLaneName;
  readonly partition: number;
  readonly botId: string;
}

/**
 * `out.bulk.<p>.<botId>` and `out.paid.<p>.<botId>`, read by subject from the stream itself. No consumer stands between: what is settled is
 * on record in KV `sent` and is removed from the stream, and who owns the partition owns these subjects with it.
 */
export class NatsBacklog implements Backlog {
  private readonly nats: Nats;

  constructor(nats: Nats) {
    this.nats = nats;
  }

  /** Bots of all partitions with calls in the stream. */
  async waiting(): Promise<BotWithBacklog[]> {
    const found = await Promise.all(BULK_LANES.map((lane) => this.waitingIn(lane)));
    return found.flat();
  }

  async read(lane: BulkLaneName, botId: string, fromSeq: number, max: number): Promise<BacklogEntry[]> {
    const batch = await this.nats.jsm.direct.getBatch(STREAMS.outbound, { seq: fromSeq, next_by_subj: subjectOf(lane, botId), batch: max });
    const late = setTimeout(() => batch.stop(new Error('the stream did not answer in time')), BACKLOG_READ_MS_MAX);
    const entries: BacklogEntry[] = [];
    let lastSeq: number | undefined;
    try {
      for await (const message of batch) {
        // Each message names the one before it: what got lost on the way would be sent after what follows it.
        if (lastSeq !== undefined && message.lastSequence !== lastSeq) throw new Error(`message ${message.seq} follows ${message.lastSequence}, not ${lastSeq}`);
        lastSeq = message.seq;
        entries.push({ seq: message.seq, call: readCall(message.string()), traceparent: message.header.get(TRACEPARENT) });
      }
    } catch (error) {
      if ((error as { code?: number }).code !== NOTHING_THERE) throw error;
    } finally {
      clearTimeout(late);
    }
    return entries;
  }

  async removeBelow(lane: BulkLaneName, botId: string, seq: number): Promise<void> {
    await this.nats.jsm.streams.purge(STREAMS.outbound, { filter: subjectOf(lane, botId), seq });
  }

  async remove(seqs: readonly number[]): Promise<void> {
    for (const seq of seqs) await this.nats.jsm.streams.deleteMessage(STREAMS.outbound, seq, false);
  }

  private async waitingIn(lane: BulkLaneName): Promise<BotWithBacklog[]> {
    const { state } = await this.nats.jsm.streams.info(STREAMS.outbound, { subjects_filter: `out.${lane}.>` });
    return Object.keys(state.subjects ?? {}).flatMap((subject) => {
      const [, , partition, botId] = subject.split('.');
      return botId === undefined ? [] : [{ lane, partition: Number(partition), botId }];
    });
  }
}

const subjectOf = (lane: BulkLaneName, botId: string): string => subjects.outbound(lane, outboundPartition(botId), botId);
