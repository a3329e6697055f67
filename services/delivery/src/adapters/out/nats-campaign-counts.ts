import { BUCKETS, campaignKeys } from '@botplane/contracts';
import type { CampaignOutcomes } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { CampaignCounts } from '../../app/ports.ts';
import { COUNT_TRIES_MAX } from '../../limits.ts';

/** KV `campaigns`, the outcomes. */
export class NatsCampaignCounts implements CampaignCounts {
  private readonly bucket: TypedBucket<CampaignOutcomes>;

  constructor(jsm: Nats['jsm']) {
    this.bucket = new TypedBucket(jsm, BUCKETS.campaigns);
  }

  /** Both lanes of a bot may write at the same time. */
  async add(botId: string, campaign: string, counts: ReadonlyMap<string, number>): Promise<void> {
    const key = campaignKeys.outcomes(botId, campaign);
    for (let tries = 1; tries <= COUNT_TRIES_MAX; tries += 1) {
      const present = await this.bucket.get(key);
      const sum = { ...present?.value.counts };
      for (const [outcome, count] of counts) sum[outcome] = (sum[outcome] ?? 0) + count;
      const saved = present ? await this.bucket.update(key, { v: 1, counts: sum }, present.revision) : await this.bucket.create(key, { v: 1, counts: sum });
      if (saved !== 'conflict') return;
    }
    throw new Error('outcomes of a campaign are written by others without end');
  }
}
