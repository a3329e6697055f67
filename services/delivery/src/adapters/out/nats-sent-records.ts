import type { SentRecord } from '@botplane/contracts';
import type { TypedBucket } from '@botplane/nats';
import type { SentRecords, StoredSent } from '../../app/ports.ts';
import { EMPTY_SENT } from '../../domain/sent.ts';

/** KV `sent`. */
export class NatsSentRecords implements SentRecords {
  private readonly bucket: TypedBucket<SentRecord>;

  constructor(bucket: TypedBucket<SentRecord>) {
    this.bucket = bucket;
  }

  async load(botId: string, chat: string): Promise<StoredSent> {
    const found = await this.bucket.get(`${botId}.${chat}`);
    return found ? { record: found.value, revision: found.revision } : { record: EMPTY_SENT, revision: 0 };
  }

  /** A record that was deleted (a bot made anew) leaves a marker behind, hence `create` for the first one. */
  save(botId: string, chat: string, record: SentRecord, revision: number): Promise<number | 'conflict'> {
    const key = `${botId}.${chat}`;
    return revision === 0 ? this.bucket.create(key, record) : this.bucket.update(key, record, revision);
  }
}
