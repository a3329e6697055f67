import { BUCKETS } from '@botplane/contracts';
import type { SentFileRecord } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { KeptFileIds } from '../../app/ports.ts';

/** KV `sent`, beside what the chats of the bot have received. */
export class NatsKeptFileIds implements KeptFileIds {
  private readonly bucket: TypedBucket<SentFileRecord>;

  constructor(jsm: Nats['jsm']) {
    this.bucket = new TypedBucket(jsm, BUCKETS.sent);
  }

  async load(botId: string, key: string): Promise<string | undefined> {
    return (await this.bucket.get(`${botId}.${key}`))?.value.fileId;
  }

  async save(botId: string, key: string, fileId: string): Promise<void> {
    await this.bucket.put(`${botId}.${key}`, { v: 1, fileId });
  }

  async remove(botId: string, key: string): Promise<void> {
    await this.bucket.delete(`${botId}.${key}`);
  }
}
