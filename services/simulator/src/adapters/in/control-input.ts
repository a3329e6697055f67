import { z } from 'zod';
import { ControlError } from '../../domain/control-error.ts';
import { FAULT_KINDS } from '../../domain/faults.ts';
import { FAULT_DELAY_MS_MAX, PLAYGROUND_PAGE_MAX, POLL_OPTIONS_MAX, WAIT_S_MAX } from '../../limits.ts';

const token = z.string('send the token of a bot, as POST /_sim/bots gave it').min(1, 'send the token of a bot');
const person = z.looseObject({ id: z.int('send a positive whole number').positive('send a positive whole number') }, 'send a User, {"id": 1} is enough');
const chatId = z.int('send a whole number');
const messageId = z.int('send the message_id of a message of this chat').positive();
const wait = z.number('send seconds').min(0).max(WAIT_S_MAX, `send at most ${WAIT_S_MAX} seconds`);
const status = z.enum(['creator', 'administrator', 'member', 'restricted', 'left', 'kicked']);
const username = z.string().regex(/^[A-Za-z]\w{3,31}$/, 'send 4 to 32 letters, digits or _, a letter first');
const method = z.string().min(1);

/** Query strings carry numbers as text. */
const queryInt = z.coerce.number<string>('send a whole number').int('send a whole number');
const queryWait = z.coerce.number<string>('send seconds').min(0, 'send 0 or more seconds').max(WAIT_S_MAX, `send at most ${WAIT_S_MAX} seconds`).default(0);

/** Bodies and query strings of the control interface. */
export const INPUT = {
  bots: z.strictObject({ username: username.optional(), token: token.regex(/^[^/\s?#]+$/, 'send text without / ? # and blanks').optional(), privacy: z.boolean().optional() }),
  reset: z.strictObject({ token: token.optional() }),
  messages: z.looseObject({
    token, from: person,
    chat: z.union([z.int(), z.looseObject({ id: z.int() })], 'send a chat id or a Chat').optional(),
    text: z.string('send text').max(4096, 'send at most 4096 characters').optional(),
  }),
  edits: z.strictObject({ token, from: person, chat_id: chatId, message_id: messageId, text: z.string().optional(), caption: z.string().optional() })
    .refine((edit) => (edit.text === undefined) !== (edit.caption === undefined), { path: ['text'], message: 'send exactly one of text and caption' }),
  reactions: z.strictObject({ token, from: person, chat_id: chatId, message_id: messageId, reaction: z.array(z.looseObject({ type: z.string() }), 'send a list of ReactionType') }),
  callbacks: z.strictObject({
    token, from: person, chat_id: chatId, message_id: messageId, data: z.string().optional(), text: z.string().optional(),
    wait: wait.optional(), force: z.boolean().optional(),
  }).refine((press) => (press.data === undefined) !== (press.text === undefined), { path: ['data'], message: 'send exactly one of data and text (the label of the button)' }),
  chats: z.strictObject({
    id: z.int().negative('send a negative number, as groups have').optional(),
    type: z.enum(['group', 'supergroup', 'channel'], 'send group, supergroup or channel; private chats come with their first message'),
    title: z.string('send a title').min(1), username: username.optional(), is_forum: z.boolean().optional(),
    members: z.array(person).default([]),
    bots: z.array(z.strictObject({ token, status: status.default('member') })).min(1, 'name at least one bot, {"token": …}'),
  }),
  members: z.strictObject({ chat_id: chatId, user: person.optional(), token: token.optional(), status, details: z.record(z.string(), z.unknown()).optional() })
    .refine((change) => (change.user === undefined) !== (change.token === undefined), { path: ['user'], message: 'send exactly one of user and token' }),
  block: z.strictObject({ token, from: person, blocked: z.boolean('send true or false') }),
  join: z.strictObject({ token, from: person, chat: z.union([z.int(), z.looseObject({ id: z.int() })], 'send a chat id or a Chat'), query: z.boolean('send true or false').optional() }),
  votes: z.strictObject({ token, from: person, chat_id: chatId, message_id: messageId, option_ids: z.array(z.int().min(0), 'send the numbers of options, from 0; none takes the vote back').max(POLL_OPTIONS_MAX) }),
  inline: z.strictObject({
    token, from: person, query: z.string('send what the person types, possibly nothing').max(256), offset: z.string().max(64).optional(),
    chat_type: z.enum(['sender', 'private', 'group', 'supergroup', 'channel']).optional(), wait: wait.optional(),
  }),
  inlineChoose: z.strictObject({
    token, from: person, inline_query_id: z.string().min(1), result_id: z.string().min(1), chat: z.union([z.int(), z.looseObject({ id: z.int() })], 'send a chat id or a Chat').optional(),
  }),
  pay: z.strictObject({
    token, from: person, invoice_message_id: messageId.optional(), invoice_link: z.string().min(1).optional(), decline: z.boolean('send true or false').optional(), wait: wait.optional(),
  }).refine((payment) => (payment.invoice_message_id === undefined) !== (payment.invoice_link === undefined), { path: ['invoice_message_id'], message: 'send exactly one of invoice_message_id and invoice_link' }),
  updates: z.strictObject({
    token,
    update: z.looseObject({ update_id: z.int().positive().optional() }, 'send an Update')
      .refine((update) => Object.keys(update).some((field) => field !== 'update_id'), 'send an Update with its kind, for example "message"'),
  }),
  redeliver: z.strictObject({ token, update_id: z.int('send an update_id'), times: z.int().min(1).max(100).default(1) }),
  faults: z.strictObject({
    token: token.optional(), method: method.optional(), chat_id: chatId.optional(),
    kind: z.union([z.enum(FAULT_KINDS), z.literal([400, 401, 403, 429, 500]).transform((code) => `${code}` as const)], `send one of ${FAULT_KINDS.join(', ')}`),
    retry_after: z.int().min(1).max(86_400).optional(), delay_ms: z.int().min(0).max(FAULT_DELAY_MS_MAX).optional(),
    description: z.string().optional(), count: z.int().min(1).max(1_000_000).default(1),
  }),
  chatMessages: z.object({ after: queryInt.default(0), wait: queryWait }),
  chatEvents: z.object({ after: queryInt.default(0), wait: queryWait }),
  calls: z.object({ token, method: method.optional(), chat_id: queryInt.optional(), after: queryInt.default(0), wait: queryWait }),
  deliveries: z.object({ token, update_id: queryInt.optional(), after: queryInt.default(0) }),
  deletes: z.strictObject({ token, from: person, chat_id: chatId, message_id: messageId }),
  privacy: z.strictObject({ token, privacy: z.boolean('send true or false') }),
  listFaults: z.object({ token: token.optional() }),
  playground: z.object({
    user_id: queryInt, language: z.string().regex(/^[a-z]{2}$/, 'send two letters').default('en'), chat_id: queryInt.optional(),
    limit: queryInt.min(0).max(PLAYGROUND_PAGE_MAX, `send at most ${PLAYGROUND_PAGE_MAX}`).default(100),
  }),
  history: z.object({ chat_id: queryInt, before: queryInt, limit: queryInt.min(1).max(PLAYGROUND_PAGE_MAX, `send at most ${PLAYGROUND_PAGE_MAX}`).default(100) }),
  botEvents: z.object({ after: queryInt.default(0), wait: queryWait }),
  transcript: z.object({ chat_id: queryInt }),
  trace: z.object({ chat_id: queryInt, message_id: queryInt }),
  seenUpdates: z.object({ token, chat_id: queryInt.optional(), message_id: queryInt.optional() }),
} as const;

/** Reads an input; the refusal names each bad field and what to send. */
export function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: no such field; leave it out`;
    return `${issue.path.join('.') || 'body'}: ${issue.message}`;
  });
  throw new ControlError(400, problems.join('; '));
}
