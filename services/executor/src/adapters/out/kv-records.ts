import type { ChatRecord } from '@botplane/contracts';
import type { TypedBucket } from '@botplane/nats';
import { LRUCache } from 'lru-cache';
import type { LoadedRecord, Records } from '../../app/ports.ts';
import { LIMITS } from '../../limits.ts';
import { orTemporary } from './temporary.ts';

/** Room for the records of all ownerships of this process. */
export class RecordCache {
  private readonly entries = new LRUCache<string, LoadedRecord>({ max: LIMITS.recordCacheEntriesMax, maxSize: LIMITS.recordCacheBytesMax });
  private ownerships = 0;

  constructor(private readonly bucket: TypedBucket<ChatRecord>) {}

  /** Records for a new ownership: what an earlier one remembered is never seen again. */
  open(): Records {
    return new KvRecords(this.bucket, this.entries, `${++this.ownerships}/`);
  }
}

/** Records in KV, written through a memory that this ownership alone uses. */
class KvRecords implements Records {
  constructor(
    private readonly bucket: TypedBucket<ChatRecord>,
    private readonly cache: LRUCache<string, LoadedRecord>,
    private readonly prefix: string,
  ) {}

  async load(botId: string, stateKey: string): Promise<LoadedRecord> {
    const key = `${botId}.${stateKey}`;
    const cached = this.cache.get(this.prefix + key);
    if (cached !== undefined) return cached;
    const entry = await orTemporary('nats', () => this.bucket.get(key));
    const loaded: LoadedRecord = { record: entry?.value, revision: entry?.revision ?? 0 };
    if (entry !== undefined) this.remember(key, loaded, JSON.stringify(entry.value).length);
    return loaded;
  }

  async save(botId: string, stateKey: string, record: ChatRecord, revision: number): Promise<'saved' | 'conflict'> {
    const key = `${botId}.${stateKey}`;
    // Until the answer is there nobody knows what the bucket holds.
    this.cache.delete(this.prefix + key);
    const options = record.expiresMs === undefined ? {} : { ttlMs: LIMITS.emptyRecordMs };
    const json = JSON.stringify(record);
    const saved = await orTemporary('nats', () => this.bucket.updateJson(key, json, revision, options));
    if (saved === 'conflict') return 'conflict';
    this.remember(key, { record, revision: saved }, json.length);
    return 'saved';
  }

  private remember(key: string, loaded: LoadedRecord, size: number): void {
    this.cache.set(this.prefix + key, loaded, { size: size + key.length });
  }
}
