import { BUCKETS, CAMPAIGN_CHUNK_CHATS, campaignKeys } from '@botplane/contracts';
import type { CampaignAudience, CampaignOutcomes, CampaignQueued, CampaignRecord } from '@botplane/contracts';
import { AppError, ErrorCode } from '@botplane/kit';
import { TypedBucket, WatchedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { Campaigns } from '../../app/campaign-ports.ts';

/** KV `campaigns`. */
export class NatsCampaigns implements Campaigns {
  private readonly records: TypedBucket<CampaignRecord>;
  private readonly audiences: TypedBucket<CampaignAudience>;
  private readonly progress: TypedBucket<CampaignQueued>;
  private readonly settled: TypedBucket<CampaignOutcomes>;
  private readonly mirror: WatchedBucket<CampaignRecord>;

  constructor(nats: Nats, onError: (error: Error) => void) {
    const bucket = <T>(): TypedBucket<T> => new TypedBucket<T>(nats.jsm, BUCKETS.campaigns);
    [this.records, this.audiences, this.progress, this.settled] = [bucket(), bucket(), bucket(), bucket()];
    // Records have two tokens, what belongs to them more.
    this.mirror = new WatchedBucket(bucket<CampaignRecord>(), { filter: '*.*', onError });
  }

  /** The record comes last: what has one is whole. */
  async create(record: CampaignRecord, audience: readonly number[]): Promise<void> {
    const { botId, id } = record;
    await answers(async () => {
      for (let from = 0; from < audience.length; from += CAMPAIGN_CHUNK_CHATS) {
        await this.audiences.put(campaignKeys.audience(botId, id, from / CAMPAIGN_CHUNK_CHATS), audience.slice(from, from + CAMPAIGN_CHUNK_CHATS));
      }
      await this.progress.put(campaignKeys.queued(botId, id), { v: 1, next: 0, runner: '', untilMs: 0 });
      await this.records.put(campaignKeys.record(botId, id), record);
    });
  }

  list(botId?: string): CampaignRecord[] {
    const records = [...this.mirror.keys()].flatMap((key) => this.mirror.get(key)?.value ?? []);
    return records.filter((record) => botId === undefined || record.botId === botId).toSorted((a, b) => a.createdMs - b.createdMs);
  }

  async find(botId: string, id: string): Promise<{ record: CampaignRecord; revision: number } | undefined> {
    const found = await answers(() => this.records.get(campaignKeys.record(botId, id)));
    return found && { record: found.value, revision: found.revision };
  }

  async update(record: CampaignRecord, revision: number): Promise<boolean> {
    return (await answers(() => this.records.update(campaignKeys.record(record.botId, record.id), record, revision))) !== 'conflict';
  }

  /** The record goes first: what has none is nobody's. */
  async remove({ botId, id, total }: CampaignRecord): Promise<void> {
    await answers(async () => {
      await this.records.delete(campaignKeys.record(botId, id));
      for (let chunk = 0; chunk * CAMPAIGN_CHUNK_CHATS < total; chunk += 1) await this.audiences.delete(campaignKeys.audience(botId, id, chunk));
      await this.progress.delete(campaignKeys.queued(botId, id));
      await this.settled.delete(campaignKeys.outcomes(botId, id));
    });
  }

  async chats({ botId, id }: CampaignRecord, from: number, max: number): Promise<readonly number[]> {
    const chunk = Math.floor(from / CAMPAIGN_CHUNK_CHATS);
    const found = await answers(() => this.audiences.get(campaignKeys.audience(botId, id, chunk)));
    const at = from - chunk * CAMPAIGN_CHUNK_CHATS;
    return found?.value.slice(at, at + max) ?? [];
  }

  queued({ botId, id }: CampaignRecord): Promise<{ value: CampaignQueued; revision: number } | undefined> {
    return answers(() => this.progress.get(campaignKeys.queued(botId, id)));
  }

  async saveQueued({ botId, id }: CampaignRecord, value: CampaignQueued, revision: number): Promise<boolean> {
    return (await answers(() => this.progress.update(campaignKeys.queued(botId, id), value, revision))) !== 'conflict';
  }

  async outcomes({ botId, id }: CampaignRecord): Promise<CampaignOutcomes['counts']> {
    return (await answers(() => this.settled.get(campaignKeys.outcomes(botId, id))))?.value.counts ?? {};
  }

  close(): Promise<void> {
    return this.mirror.close();
  }
}

async function answers<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new AppError(ErrorCode.StoreUnavailable, 'the message broker does not answer; try again in a moment', {}, { cause });
  }
}
