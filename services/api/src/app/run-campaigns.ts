import type { CampaignQueued, CampaignRecord } from '@botplane/contracts';
import { callMessageId, callTo } from '../domain/campaign.ts';
import { CAMPAIGN_LEASE_MS, CAMPAIGN_TICK_MS, CAMPAIGN_WAITING_MAX } from '../limits.ts';
import type { BulkQueue, Campaigns } from './campaign-ports.ts';
import type { Clock } from './ports.ts';

export interface RunCampaignsParts {
  readonly campaigns: Campaigns;
  readonly queue: BulkQueue;
  readonly clock: Clock;
  /** Name of this process, new at each start. */
  readonly runner: string;
  readonly onError: (error: unknown, campaign: CampaignRecord) => void;
}

/**
 * Queues the calls of running campaigns little by little: never more in the bulk lane than it sends within about two seconds, so that a
 * pause is felt at once and the rate is delivery's. Any number of processes may run it: one leads a campaign at a time, and what a second
 * one queues by mistake is known as queued or sent.
 */
export class RunCampaigns {
  private timer: NodeJS.Timeout | undefined;
  private ticking: Promise<void> = Promise.resolve();
  private isStopped = false;
  private readonly parts: RunCampaignsParts;

  constructor(parts: RunCampaignsParts) {
    this.parts = parts;
  }

  start(): void {
    this.ticking = this.tick().finally(() => {
      if (!this.isStopped) this.timer = setTimeout(() => this.start(), CAMPAIGN_TICK_MS);
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.ticking;
  }

  private async tick(): Promise<void> {
    for (const campaign of this.parts.campaigns.list()) {
      if (campaign.state !== 'Running' || this.isStopped) continue;
      await this.advance(campaign).catch((error: unknown) => this.parts.onError(error, campaign));
    }
  }

  private async advance(campaign: CampaignRecord): Promise<void> {
    const { campaigns, queue, clock, runner } = this.parts;
    const stored = await campaigns.queued(campaign);
    const nowMs = clock.nowMs();
    if (!stored || (stored.value.runner !== runner && stored.value.untilMs > nowMs)) return;
    const { next } = stored.value;
    const waiting = await queue.waiting(campaign.botId);
    if (next >= campaign.total) return this.finish(campaign, waiting);
    const room = CAMPAIGN_WAITING_MAX - waiting;
    const chats = room > 0 ? await campaigns.chats(campaign, next, room) : [];
    await Promise.all(chats.map((chat, n) => queue.publish(callTo(campaign, chat, next + n, nowMs), callMessageId(campaign, next + n))));
    const mustRenew = stored.value.runner !== runner || stored.value.untilMs - nowMs < CAMPAIGN_LEASE_MS / 2;
    const queued: CampaignQueued = { v: 1, next: next + chats.length, runner, untilMs: nowMs + CAMPAIGN_LEASE_MS };
    // Refused: another process leads now and queues the same calls under the same ids.
    if (chats.length > 0 || mustRenew) await campaigns.saveQueued(campaign, queued, stored.revision);
  }

  /** Done when each call came to something, or none is left that could. */
  private async finish(campaign: CampaignRecord, waiting: number): Promise<void> {
    const { campaigns, clock } = this.parts;
    const settled = Object.values(await campaigns.outcomes(campaign)).reduce((sum, count) => sum + count, 0);
    if (settled < campaign.total && waiting > 0) return;
    const found = await campaigns.find(campaign.botId, campaign.id);
    if (found?.record.state === 'Running') await campaigns.update({ ...found.record, state: 'Done', changedMs: clock.nowMs() }, found.revision);
  }
}
