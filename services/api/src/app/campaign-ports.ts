import type { CampaignOutcomes, CampaignQueued, CampaignRecord, OutboundCall } from '@botplane/contracts';

/** Stored campaigns. Throws AppError `store.unavailable` when the broker does not answer. */
export interface Campaigns {
  create(record: CampaignRecord, audience: readonly number[]): Promise<void>;
  /** All that are known, oldest first; those of one bot. */
  list(botId?: string): CampaignRecord[];
  find(botId: string, id: string): Promise<{ record: CampaignRecord; revision: number } | undefined>;
  /** False when somebody else changed it meanwhile. */
  update(record: CampaignRecord, revision: number): Promise<boolean>;
  remove(record: CampaignRecord): Promise<void>;
  /** Chats of the audience from this place on, at most so many; perhaps fewer, but at least one while there are any. */
  chats(record: CampaignRecord, from: number, max: number): Promise<readonly number[]>;
  queued(record: CampaignRecord): Promise<{ value: CampaignQueued; revision: number } | undefined>;
  saveQueued(record: CampaignRecord, value: CampaignQueued, revision: number): Promise<boolean>;
  outcomes(record: CampaignRecord): Promise<CampaignOutcomes['counts']>;
}

/** What is known of bots. Throws AppError `store.unavailable`. */
export interface BotDirectory {
  exists(botId: string): Promise<boolean>;
  /** Chats that the bot has sent something to, at most so many. */
  chatsOf(botId: string, max: number): Promise<number[]>;
}

/** The bulk lane of a bot. Throws AppError `store.full` or `store.unavailable`. */
export interface BulkQueue {
  /** Calls in the stream, also those that are on their way. */
  waiting(botId: string): Promise<number>;
  publish(call: OutboundCall, messageId: string): Promise<void>;
}
