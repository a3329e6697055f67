import { randomBytes } from 'node:crypto';
import type { CampaignRecord } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { AppError, ErrorCode } from '@botplane/kit';
import type { Caller } from '../domain/api-key.ts';
import { isOver, stateAfter } from '../domain/campaign.ts';
import type { CampaignChange } from '../domain/campaign.ts';
import { AUDIENCE_CHATS_MAX, CAMPAIGNS_MAX, CHANGE_TRIES_MAX } from '../limits.ts';
import type { BotDirectory, Campaigns } from './campaign-ports.ts';
import type { AuditLog, Clock } from './ports.ts';

export interface NewCampaign {
  botId: string;
  name: string;
  method: string;
  params: { [key: string]: Json };
  /** Undefined: all chats that the bot has sent something to. */
  chats: readonly number[] | undefined;
}

export interface CampaignProgress {
  record: CampaignRecord;
  queued: number;
  outcomes: { [outcome: string]: number };
}

/** Makes campaigns, tells how far they are, and pauses, resumes and ends them. */
export class ManageCampaigns {
  private readonly campaigns: Campaigns;
  private readonly bots: BotDirectory;
  private readonly audit: AuditLog;
  private readonly clock: Clock;

  constructor(campaigns: Campaigns, bots: BotDirectory, audit: AuditLog, clock: Clock) {
    this.campaigns = campaigns;
    this.bots = bots;
    this.audit = audit;
    this.clock = clock;
  }

  /** Throws AppError `bot.not_found`, `request.invalid` (nobody to send to), `conflict` (too many campaigns). */
  async create(caller: Caller, { botId, name, method, params, chats }: NewCampaign): Promise<CampaignProgress> {
    if (!(await this.bots.exists(botId))) throw new AppError(ErrorCode.BotNotFound, `no bot is called ${botId}`);
    if (this.campaigns.list().length >= CAMPAIGNS_MAX) throw new AppError(ErrorCode.Conflict, `there are ${CAMPAIGNS_MAX} campaigns: delete some that are over`);
    const audience = [...new Set(chats ?? (await this.bots.chatsOf(botId, AUDIENCE_CHATS_MAX)))];
    if (audience.length === 0) throw new AppError(ErrorCode.RequestInvalid, 'the audience is empty: name chats, or wait until the bot has written to somebody');
    const nowMs = this.clock.nowMs();
    const record: CampaignRecord = { v: 1, botId, id: randomBytes(8).toString('hex'), name, state: 'Running', method, params, total: audience.length, createdMs: nowMs, changedMs: nowMs };
    await this.audit.add({ actor: caller.keyId, action: 'campaigns.create', target: targetOf(record), details: { method, total: record.total } });
    await this.campaigns.create(record, audience);
    return { record, queued: 0, outcomes: {} };
  }

  list(botId: string | undefined): Promise<CampaignProgress[]> {
    return Promise.all(this.campaigns.list(botId).map((record) => this.progress(record)));
  }

  /** Throws AppError `not_found`. */
  async get(botId: string, id: string): Promise<CampaignProgress> {
    return this.progress((await this.found(botId, id)).record);
  }

  /** Harmless to ask for twice. Throws AppError `not_found`, `conflict` (it is over). */
  async change(caller: Caller, { botId, id }: { botId: string; id: string }, change: CampaignChange): Promise<CampaignProgress> {
    for (let tries = 1; ; tries += 1) {
      const { record, revision } = await this.found(botId, id);
      const state = stateAfter(record.state, change);
      if (state === undefined) throw new AppError(ErrorCode.Conflict, `the campaign is over (${record.state})`);
      if (state === record.state) return this.progress(record);
      if (tries === 1) await this.audit.add({ actor: caller.keyId, action: `campaigns.${change}`, target: targetOf(record), details: {} });
      const changed = { ...record, state, changedMs: this.clock.nowMs() };
      if (await this.campaigns.update(changed, revision)) return this.progress(changed);
      if (tries === CHANGE_TRIES_MAX) throw new AppError(ErrorCode.Conflict, 'the campaign is changed by others; try again');
    }
  }

  /** Ends a campaign; one that is over is removed. Throws AppError `not_found`. */
  async remove(caller: Caller, target: { botId: string; id: string }): Promise<CampaignProgress> {
    const { record } = await this.found(target.botId, target.id);
    if (!isOver(record.state)) return this.change(caller, target, 'cancel');
    const last = await this.progress(record);
    await this.audit.add({ actor: caller.keyId, action: 'campaigns.delete', target: targetOf(record), details: {} });
    await this.campaigns.remove(record);
    return last;
  }

  private async found(botId: string, id: string): Promise<{ record: CampaignRecord; revision: number }> {
    const found = await this.campaigns.find(botId, id);
    if (!found) throw new AppError(ErrorCode.NotFound, `${botId} has no campaign ${id}`);
    return found;
  }

  private async progress(record: CampaignRecord): Promise<CampaignProgress> {
    const [queued, outcomes] = await Promise.all([this.campaigns.queued(record), this.campaigns.outcomes(record)]);
    return { record, queued: queued?.value.next ?? 0, outcomes };
  }
}

const targetOf = ({ botId, id }: CampaignRecord): string => `campaigns/${botId}/${id}`;
