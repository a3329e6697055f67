import { CAMPAIGN_STATES } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { z } from 'zod';
import { AUDIENCE_NAMED_CHATS_MAX, CAMPAIGN_NAME_CHARS_MAX } from '../../limits.ts';
import { botId } from './schemas.ts';

const json = (): z.ZodType<Json> => z.unknown() as unknown as z.ZodType<Json>;
const campaignId = z.string().regex(/^[0-9a-f]{16}$/, 'must be the id of a campaign: 16 hex digits').describe('Id of a campaign.');
const method = z.string().regex(/^(send(?!ChatAction$|MessageDraft$)|copy|forward)[A-Za-z]{1,40}$/, 'must be a method of the Bot API that makes a message, such as sendMessage').describe('Method of the Bot API that makes a message.');

export const campaignParams = z.object({ botId, id: campaignId });
export const listCampaignsQuery = z.strictObject({ bot: botId.optional() });
export const createCampaignBody = z.strictObject({
  botId,
  name: z.string().trim().min(1).max(CAMPAIGN_NAME_CHARS_MAX),
  method,
  params: z.record(z.string().min(1), json()).refine((params) => !('chat_id' in params), 'chat_id comes from the audience').describe('Parameters of the method without chat_id.'),
  audience: z
    .strictObject({ all: z.literal(true).optional().describe('Every chat that the bot has sent something to.'), chats: z.array(z.int()).min(1).max(AUDIENCE_NAMED_CHATS_MAX).optional().describe('Ids of chats; each gets one message.') })
    .refine(({ all, chats }) => (all === true) !== (chats !== undefined), 'give exactly one of all: true and chats'),
});

export const campaignView = z.object({
  botId: z.string(),
  id: campaignId,
  name: z.string(),
  state: z.enum(CAMPAIGN_STATES),
  method: z.string(),
  total: z.int().describe('Chats in the audience.'),
  queued: z.int().describe('Chats whose call was handed to delivery.'),
  outcomes: z.record(z.string(), z.int()).describe('What became of the calls: `sent`, or why not (`blocked`, `chat_not_found`, …).'),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime().describe('Last change of state.'),
});
export const campaignList = z.object({ items: z.array(campaignView) });
