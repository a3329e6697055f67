import { campaignSource } from '@botplane/contracts';
import type { CampaignRecord, CampaignState, OutboundCall } from '@botplane/contracts';

/** What may be asked of a campaign in this state; undefined: it may not. */
const NEXT: Record<CampaignState, { pause?: CampaignState; resume?: CampaignState; cancel?: CampaignState }> = {
  Running: { pause: 'Paused', resume: 'Running', cancel: 'Cancelled' },
  Paused: { pause: 'Paused', resume: 'Running', cancel: 'Cancelled' },
  Done: {},
  Cancelled: { cancel: 'Cancelled' },
};

export type CampaignChange = 'pause' | 'resume' | 'cancel';

/** The state after a change; undefined when there is no way from here. */
export const stateAfter = (state: CampaignState, change: CampaignChange): CampaignState | undefined => NEXT[state][change];

/** Nothing of it will be queued any more. */
export const isOver = (state: CampaignState): boolean => state === 'Done' || state === 'Cancelled';

/**
 * The call to one chat of a campaign's audience. Its source names campaign and place, so that a second copy of it, however late, is known
 * to delivery as sent.
 */
export function callTo(campaign: CampaignRecord, chat: number, index: number, nowMs: number): OutboundCall {
  const { botId, id, method, params } = campaign;
  return { v: 1, botId, lane: 'bulk', chat: String(chat), source: { key: campaignSource(id), seq: index + 1, n: 0 }, method, params: { ...params, chat_id: chat }, revision: `campaign-${id}`, acceptedMs: nowMs };
}

/** For the duplicate window of OUTBOUND. */
export const callMessageId = (campaign: CampaignRecord, index: number): string => `campaign:${campaign.botId}:${campaign.id}:${index}`;
