import { BUCKETS, STREAMS, subjects } from '@botplane/contracts';
import type { OutboundCall, RouteRecord } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
import { AppError, ErrorCode } from '@botplane/kit';
import { JetPublisher, StreamFullError, TypedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { BotDirectory, BulkQueue } from '../../app/campaign-ports.ts';

/** `out.bulk.<p>.<botId>`, and what KV `routes` and `sent` know of bots. */
export class JetStreamBulkQueue implements BulkQueue, BotDirectory {
  private readonly nats: Nats;
  private readonly publisher: JetPublisher;
  private readonly routes: TypedBucket<RouteRecord>;

  constructor(nats: Nats) {
    this.nats = nats;
    this.publisher = new JetPublisher(nats.js);
    this.routes = new TypedBucket(nats.jsm, BUCKETS.routes);
  }

  async waiting(botId: string): Promise<number> {
    const subject = subjectOf(botId);
    return (await this.subjects(STREAMS.outbound, subject))[subject] ?? 0;
  }

  async publish(call: OutboundCall, messageId: string): Promise<void> {
    await answers(() => this.publisher.publish(subjectOf(call.botId), JSON.stringify(call), { msgId: messageId }));
  }

  async exists(botId: string): Promise<boolean> {
    const route = await answers(() => this.routes.get(botId));
    return route !== undefined && route.value.state !== 'Deleted';
  }

  /** Each chat has a record of what it received, with its id as the key's last token. */
  async chatsOf(botId: string, max: number): Promise<number[]> {
    const found = Object.keys(await this.subjects(`KV_${BUCKETS.sent}`, `$KV.${BUCKETS.sent}.${botId}.*`));
    const ids = found.map((subject) => subject.slice(subject.lastIndexOf('.') + 1)).filter((id) => /^-?\d{1,16}$/.test(id));
    return ids.map(Number).toSorted((a, b) => a - b).slice(0, max);
  }

  private async subjects(stream: string, filter: string): Promise<{ [subject: string]: number }> {
    return (await answers(() => this.nats.jsm.streams.info(stream, { subjects_filter: filter }))).state.subjects ?? {};
  }
}

const subjectOf = (botId: string): string => subjects.outbound('bulk', outboundPartition(botId), botId);

async function answers<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StreamFullError) throw new AppError(ErrorCode.StoreFull, 'the queue takes no more now', {}, { cause });
    throw new AppError(ErrorCode.StoreUnavailable, 'the message broker does not answer; try again in a moment', {}, { cause });
  }
}
