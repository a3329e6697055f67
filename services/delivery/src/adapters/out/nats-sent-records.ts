import { BUCKETS } from '@botplane/contracts';
import type { SentBotRecord, SentRecord } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { SentRecords, StoredSent } from '../../app/ports.ts';
import { EMPTY_SENT } from '../../domain/sent.ts';

/** No chat is called so (domain/sent.ts). */
const BOT_KEY = 'bot';

/** KV `sent`. */
export class NatsSentRecords implements SentRecords {
  private readonly bucket: TypedBucket<SentRecord>;
  private readonly bots: TypedBucket<SentBotRecord>;

  constructor(jsm: Nats['jsm']) {
    this.bucket = new TypedBucket(jsm, BUCKETS.sent);
    this.bots = new TypedBucket(jsm, BUCKETS.sent);
  }

  async load(botId: string, chat: string): Promise<StoredSent> {
    // A replica that lags behind would have the call sent again before any compare-and-set could tell.
    const found = await this.bucket.getNewest(`${botId}.${chat}`);
    return found ? { record: found.value, revision: found.revision } : { record: EMPTY_SENT, revision: 0 };
  }

  /** A record that was deleted (a bot made anew) leaves a marker behind, hence `create` for the first one. */
  save(botId: string, chat: string, record: SentRecord, revision: number): Promise<number | 'conflict'> {
    const key = `${botId}.${chat}`;
    return revision === 0 ? this.bucket.create(key, record) : this.bucket.update(key, record, revision);
  }

  async loadBotFreeze(botId: string): Promise<number> {
    return (await this.bots.get(`${botId}.${BOT_KEY}`))?.value.frozenUntilMs ?? 0;
  }

  async saveBotFreeze(botId: string, untilMs: number): Promise<void> {
    await this.bots.put(`${botId}.${BOT_KEY}`, { v: 1, frozenUntilMs: untilMs });
  }
}
