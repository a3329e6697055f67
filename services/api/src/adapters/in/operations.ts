import type { z } from 'zod';
import type { Scope } from '../../domain/api-key.ts';
import * as campaigns from './campaign-schemas.ts';
import * as schemas from './schemas.ts';

/** One route as /openapi.json shows it; a test compares this table with the real routes. */
export interface Operation {
  id: string;
  method: 'get' | 'post' | 'delete';
  path: string;
  summary: string;
  /** Null: no API key needed. */
  scope: Scope | null;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  status: 200 | 201;
  answer: z.ZodType;
}

export const OPERATIONS: readonly Operation[] = [
  { id: 'listDeadLetters', method: 'get', path: '/admin/dlq/{queue}', summary: 'List dead letters, oldest first, with personal data masked.', scope: 'dlq:read', params: schemas.queueParams, query: schemas.listLettersQuery, status: 200, answer: schemas.letterList },
  { id: 'getDeadLetter', method: 'get', path: '/admin/dlq/{queue}/{id}', summary: 'One dead letter as it was.', scope: 'dlq:read', params: schemas.letterParams, status: 200, answer: schemas.letterDetail },
  { id: 'replayDeadLetters', method: 'post', path: '/admin/dlq/{queue}/replay', summary: 'Put dead letters back to the tail of their queue. A second replay of the same letter is a no-op.', scope: 'dlq:write', params: schemas.queueParams, body: schemas.replayBody, status: 200, answer: schemas.replayReport },
  { id: 'purgeDeadLetters', method: 'delete', path: '/admin/dlq/{queue}', summary: 'Delete all dead letters that match.', scope: 'dlq:write', params: schemas.queueParams, query: schemas.purgeQuery, status: 200, answer: schemas.purgeReport },
  { id: 'deleteDeadLetter', method: 'delete', path: '/admin/dlq/{queue}/{id}', summary: 'Delete one dead letter.', scope: 'dlq:write', params: schemas.letterParams, status: 200, answer: schemas.purgeReport },
  { id: 'createKey', method: 'post', path: '/admin/keys', summary: 'Make an API key. The answer is the only place that shows it.', scope: 'keys:admin', body: schemas.createKeyBody, status: 201, answer: schemas.issuedKey },
  { id: 'listKeys', method: 'get', path: '/admin/keys', summary: 'List API keys, without their secrets.', scope: 'keys:admin', query: schemas.listKeysQuery, status: 200, answer: schemas.keyList },
  { id: 'rotateKey', method: 'post', path: '/admin/keys/{id}/rotate', summary: 'Make a successor of a key; the old one ends at once or after a grace time.', scope: 'keys:admin', params: schemas.keyParams, body: schemas.rotateKeyBody, status: 201, answer: schemas.issuedKey },
  { id: 'revokeKey', method: 'delete', path: '/admin/keys/{id}', summary: 'End a key at once.', scope: 'keys:admin', params: schemas.keyParams, status: 200, answer: schemas.revokedKey },
  { id: 'listMessages', method: 'get', path: '/bots/{botId}/chats/{chatId}/messages', summary: 'Messages of a chat that the bot keeps, newest first.', scope: 'messages:read', params: schemas.chatParams, query: schemas.listMessagesQuery, status: 200, answer: schemas.messageList },
  { id: 'eraseChatMessages', method: 'delete', path: '/bots/{botId}/chats/{chatId}/messages', summary: 'Erase all messages of a chat up to now, also those that are not stored yet.', scope: 'messages:erase', params: schemas.chatParams, status: 200, answer: schemas.purgeReport },
  { id: 'eraseUserMessages', method: 'delete', path: '/bots/{botId}/users/{userId}/messages', summary: 'Erase all messages from and to a person up to now, also those that are not stored yet.', scope: 'messages:erase', params: schemas.userParams, status: 200, answer: schemas.purgeReport },
  { id: 'listAudit', method: 'get', path: '/admin/audit', summary: 'Who did what through this API, newest first.', scope: 'audit:read', query: schemas.listAuditQuery, status: 200, answer: schemas.auditList },
  { id: 'createCampaign', method: 'post', path: '/campaigns', summary: 'Send one message to many chats, at the rate of the bulk lane; it begins at once.', scope: 'campaigns:write', body: campaigns.createCampaignBody, status: 201, answer: campaigns.campaignView },
  { id: 'listCampaigns', method: 'get', path: '/campaigns', summary: 'Campaigns and how far they are, oldest first.', scope: 'campaigns:read', query: campaigns.listCampaignsQuery, status: 200, answer: campaigns.campaignList },
  { id: 'getCampaign', method: 'get', path: '/campaigns/{botId}/{id}', summary: 'How far a campaign is, and what became of its calls.', scope: 'campaigns:read', params: campaigns.campaignParams, status: 200, answer: campaigns.campaignView },
  { id: 'pauseCampaign', method: 'post', path: '/campaigns/{botId}/{id}/pause', summary: 'Queue nothing more; what is queued goes out within about two seconds.', scope: 'campaigns:write', params: campaigns.campaignParams, status: 200, answer: campaigns.campaignView },
  { id: 'resumeCampaign', method: 'post', path: '/campaigns/{botId}/{id}/resume', summary: 'Go on where it was paused.', scope: 'campaigns:write', params: campaigns.campaignParams, status: 200, answer: campaigns.campaignView },
  { id: 'deleteCampaign', method: 'delete', path: '/campaigns/{botId}/{id}', summary: 'End a campaign for good; one that is over is removed.', scope: 'campaigns:write', params: campaigns.campaignParams, status: 200, answer: campaigns.campaignView },
  { id: 'health', method: 'get', path: '/health', summary: 'Schema version, pending migrations and the state of the broker; 503 when degraded.', scope: null, status: 200, answer: schemas.healthView },
  { id: 'lag', method: 'get', path: '/lag', summary: 'Work that waits, for autoscalers; at most a second old.', scope: null, status: 200, answer: schemas.lagView },
];
