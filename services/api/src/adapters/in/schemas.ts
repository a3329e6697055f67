import type { Json } from '@botplane/domain';
import { z } from 'zod';
import { SCOPES } from '../../domain/api-key.ts';
import { QUEUES } from '../../domain/dead-letter.ts';
import { ROLES } from '../../domain/stored-message.ts';
import { KEY_NAME_CHARS_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX, REPLAY_IDS_MAX, ROTATE_GRACE_SECONDS_MAX } from '../../limits.ts';

// Requests: read with these, and shown in /openapi.json.
const letterId = z.string().regex(/^[1-9]\d{0,15}$/, 'must be the id of a dead letter: a whole number as text').describe('Id of a dead letter.');
export const botId = z.string().regex(/^[a-z0-9-]{1,63}_[a-z0-9-]{1,63}$/, 'must be <namespace>_<name>').describe('Bot: <namespace>_<name>.');
const reason = z.string().min(1).max(100).describe('Only entries with exactly this reason.');
const limit = z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(PAGE_ITEMS_DEFAULT).describe('Entries on a page.');
const keyId = z.string().regex(/^[0-9a-z]{16}$/, 'must be the id of an API key: 16 letters and digits').describe('Id of an API key.');
const scopes = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length);

export const queueParams = z.object({ queue: z.enum(QUEUES).describe('in: updates that could not be run; out: calls that could not be sent; jobs: background jobs.') });
export const letterParams = queueParams.extend({ id: letterId });
export const keyParams = z.object({ id: keyId });

export const listLettersQuery = z.strictObject({ bot: botId.optional(), reason: reason.optional(), limit, cursor: letterId.optional().describe('`next` of the page before.') });
export const purgeQuery = z.strictObject({ bot: botId.optional(), reason: reason.optional() });
export const replayBody = z
  .strictObject({
    all: z.literal(true).optional().describe('Everything that matches `bot` and `reason`.'),
    ids: z.array(letterId).min(1).max(REPLAY_IDS_MAX).optional().describe('These entries only.'),
    bot: botId.optional(),
    reason: reason.optional(),
    dryRun: z.boolean().default(false).describe('Only tell what would happen.'),
  })
  .refine((body) => (body.all === true) !== (body.ids !== undefined), { message: 'give exactly one of all: true and ids', path: ['ids'] })
  .refine((body) => body.ids === undefined || (body.bot === undefined && body.reason === undefined), { message: 'goes with all: true, not with ids', path: ['bot'] });

export const listKeysQuery = z.strictObject({ limit, cursor: keyId.optional().describe('`next` of the page before.') });
export const createKeyBody = z.strictObject({
  name: z.string().trim().min(1).max(KEY_NAME_CHARS_MAX),
  scopes,
  expiresAt: z.iso.datetime({ offset: true }).refine((text) => Date.parse(text) > Date.now(), 'must be in the future').nullable().default(null).describe('Null: never.'),
});
export const rotateKeyBody = z.strictObject({ graceSeconds: z.number().int().min(0).max(ROTATE_GRACE_SECONDS_MAX).default(0).describe('How long the old key still works.') }).default({ graceSeconds: 0 });

const chatId = z.string().regex(/^(-?\d{1,20}|@[A-Za-z0-9_]{1,64})$/, 'must be a chat id of Telegram, or @name').describe('Chat: id of Telegram, or @name for channels that the bot writes to by name.');
const userId = z.string().regex(/^\d{1,18}$/, 'must be a user id of Telegram').describe('Person: id of Telegram.');
const moment = (description: string): z.ZodOptional<z.ZodISODateTime> => z.iso.datetime({ offset: true }).optional().describe(description);
export const chatParams = z.object({ botId, chatId });
export const userParams = z.object({ botId, userId });
export const listMessagesQuery = z.strictObject({
  role: z.enum(ROLES).optional().describe('user: came in; assistant: went out.'),
  kind: z.string().min(1).max(64).optional().describe('text, photo, voice, …'),
  user: userId.optional(),
  thread: z.string().regex(/^\d{1,18}$/, 'must be the id of a topic').optional().describe('Topic of the chat.'),
  since: moment('From this moment on.'),
  until: moment('Before this moment.'),
  limit,
  cursor: z.string().regex(/^\d{1,16}\.\d{1,18}$/, 'must be `next` of the page before').optional().describe('`next` of the page before.'),
});
export const listAuditQuery = z.strictObject({
  actor: z.string().min(1).max(100).optional().describe('Id of an API key; `install` is the install\'s own.'),
  action: z.string().min(1).max(100).optional().describe('e.g. dlq.replay, keys.create, messages.erase.'),
  target: z.string().min(1).max(300).optional().describe('Everything whose target begins with this, e.g. dlq/in.'),
  since: moment('From this moment on.'),
  until: moment('Before this moment.'),
  limit,
  cursor: z.string().regex(/^\d{1,18}$/, 'must be `next` of the page before').optional().describe('`next` of the page before.'),
});

// Answers.
const time = z.iso.datetime();
const payload = (): z.ZodType<Json> => z.unknown() as unknown as z.ZodType<Json>;
export const letterSummary = z.object({
  id: letterId,
  queue: z.enum(QUEUES),
  botId: z.string().nullable(),
  subjectId: z.string().nullable().describe('update_id, source of the call, or job id.'),
  reason: z.string(),
  message: z.string(),
  attempts: z.int(),
  failedAt: time,
  storedAt: time,
  kind: z.string().nullable().describe('Kind of update, or method of the call.'),
  orderKey: z.string().nullable(),
  bytes: z.int(),
  payload: payload().nullable().describe('Without texts, names and places; null when it is large.'),
});
export const letterList = z.object({ items: z.array(letterSummary), next: z.string().nullable().describe('Cursor of the next page; null at the end.'), depth: z.int().describe('Entries in the whole queue.') });
export const letterDetail = letterSummary.extend({ payload: payload().nullable().describe('As it was, with personal data.') });
export const replayReport = z.object({
  dryRun: z.boolean(),
  matched: z.int(),
  replayed: z.int(),
  duplicates: z.int().describe('Published before already; only deleted now.'),
  missing: z.array(z.string()).describe('Ids that are not there: replayed or deleted before.'),
  refused: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })).describe('The first 100.'),
  refusedCount: z.int(),
  complete: z.boolean().describe('False: call again.'),
});
export const purgeReport = z.object({ removed: z.int(), complete: z.boolean().describe('False: call again.') });
export const keyView = z.object({ id: keyId, name: z.string(), scopes: z.array(z.enum(SCOPES)), state: z.enum(['active', 'revoked', 'expired']), createdAt: time, expiresAt: time.nullable(), revokedAt: time.nullable(), lastUsedAt: time.nullable() });
export const keyList = z.object({ items: z.array(keyView), next: z.string().nullable() });
export const issuedKey = keyView.extend({ key: z.string().describe('The key itself. It is shown only this once.') });
export const revokedKey = z.object({ id: keyId, revokedAt: time });
export const messageView = z.object({
  id: z.string(),
  createdAt: time.describe('When it was written or sent.'),
  botId: z.string(),
  chatId: z.string(),
  threadId: z.string().nullable(),
  userId: z.string().nullable().describe('Who wrote, or whom the bot answered.'),
  type: z.string(),
  role: z.string(),
  kind: z.string(),
  content: z.string().nullable().describe('Text or caption, without personal values.'),
  pii: z.boolean().describe('Something personal was taken out.'),
  telegramMessageId: z.string().nullable(),
  telegramUpdateId: z.string().nullable().describe('The update that brought it, or that it answers.'),
});
export const messageList = z.object({ items: z.array(messageView), next: z.string().nullable().describe('Cursor of the next page; null at the end.') });
export const auditView = z.object({ id: z.string(), at: time, actor: z.string(), action: z.string(), target: z.string(), details: payload().describe('Selection and outcome, without personal data.') });
export const auditList = z.object({ items: z.array(auditView), next: z.string().nullable().describe('Cursor of the next page; null at the end.') });
export const healthView = z.object({
  status: z.enum(['ok', 'degraded']),
  database: z.object({ connected: z.boolean(), schemaVersion: z.string().nullable(), pendingMigrations: z.array(z.string()), unknownMigrations: z.array(z.string()), editedMigrations: z.array(z.string()), migrating: z.boolean() }),
  nats: z.object({ connected: z.boolean(), server: z.string().nullable(), roundTripMs: z.number().nullable() }),
});
const lagNumbers = z.object({
  updates: z.number().int().describe('Updates that no executor has settled, over all partitions.'),
  outbound: z.number().int().describe('Calls of the reply lane that delivery has not settled, over all partitions.'),
});
export const lagView = lagNumbers.extend({ mean: lagNumbers.describe('The same over the last 15 seconds, rounded up: what autoscalers go by.') });
export const errorView = z.object({ error: z.object({ code: z.string(), message: z.string().describe('What is wrong and what to do.'), field: z.string().optional().describe('Part of the request that is wrong.') }) });
