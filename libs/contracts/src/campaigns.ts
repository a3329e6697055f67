import type { Json } from '@botplane/domain';

export const CAMPAIGN_STATES = ['Running', 'Paused', 'Done', 'Cancelled'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** KV `campaigns`, `<botId>.<id>`: one call to many chats. Written by services/api only. */
export interface CampaignRecord {
  v: 1;
  botId: string;
  /** Letters and digits. */
  id: string;
  name: string;
  state: CampaignState;
  method: string;
  /** Without chat_id. */
  params: { [key: string]: Json };
  /** Chats in the audience. */
  total: number;
  createdMs: number;
  /** Last change of state. */
  changedMs: number;
}

/** KV `campaigns`, `<botId>.<id>.audience.<n>`: chat ids, CAMPAIGN_CHUNK_CHATS in each but the last. */
export type CampaignAudience = readonly number[];

/** KV `campaigns`, `<botId>.<id>.queued`: how far the audience has calls in OUTBOUND. */
export interface CampaignQueued {
  v: 1;
  /** Index of the next chat. */
  next: number;
  /** Who queues, and until when nobody else does. */
  runner: string;
  untilMs: number;
}

/** KV `campaigns`, `<botId>.<id>.outcomes`: what became of the calls. Written by delivery's owner only. */
export interface CampaignOutcomes {
  v: 1;
  /** `sent`, or the name of a refusal. */
  counts: { [outcome: string]: number };
}

export const CAMPAIGN_CHUNK_CHATS = 1_000;

const SOURCE_PREFIX = 'campaign-';

/** Source key of a campaign's calls; the chat's place in the audience is the sequence. */
export const campaignSource = (id: string): string => SOURCE_PREFIX + id;

/** The campaign behind a call; undefined when there is none. */
export const campaignOf = (sourceKey: string): string | undefined => (sourceKey.startsWith(SOURCE_PREFIX) ? sourceKey.slice(SOURCE_PREFIX.length) : undefined);

export const campaignKeys = {
  record: (botId: string, id: string): string => `${botId}.${id}`,
  audience: (botId: string, id: string, chunk: number): string => `${botId}.${id}.audience.${chunk}`,
  queued: (botId: string, id: string): string => `${botId}.${id}.queued`,
  outcomes: (botId: string, id: string): string => `${botId}.${id}.outcomes`,
} as const;
