import type { SimUpdate } from './types.ts';

/** Every kind of update of Bot API 10.3. */
export const UPDATE_KINDS = [
  'message', 'edited_message', 'channel_post', 'edited_channel_post', 'business_connection', 'business_message',
  'edited_business_message', 'deleted_business_messages', 'guest_message', 'message_reaction', 'message_reaction_count',
  'inline_query', 'chosen_inline_result', 'callback_query', 'shipping_query', 'pre_checkout_query', 'purchased_paid_media',
  'poll', 'poll_answer', 'my_chat_member', 'chat_member', 'chat_join_request', 'chat_boost', 'removed_chat_boost',
  'managed_bot', 'subscription', 'stopped_message_generation',
] as const;

/** A bot gets these only when it names them in allowed_updates. */
const ON_DEMAND: ReadonlySet<string> = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

/** The field of an update that is not its id; empty when there is none. */
export function kindOf(update: SimUpdate): string {
  for (const field of Object.keys(update)) if (field !== 'update_id') return field;
  return '';
}

/** Whether a bot with these allowed_updates gets this kind; null or an empty list means Telegram's default. */
export function isAllowed(kind: string, allowed: readonly string[] | null): boolean {
  if (allowed === null || allowed.length === 0) return !ON_DEMAND.has(kind);
  return allowed.includes(kind);
}

interface Keyed {
  chat?: { id?: number };
  from?: { id?: number };
  user?: { id?: number };
  message?: { chat?: { id?: number } };
  id?: string;
}

const byChat = (body: Keyed): number => body.chat?.id ?? 0;
const byUser = (body: Keyed): number => body.from?.id ?? body.user?.id ?? 0;
type QueueRule = readonly [name: string, owner: (body: Keyed) => number];

const MESSAGES: QueueRule = ['chat', byChat];
const INLINE: QueueRule = ['inline', byUser];
const PAYMENTS: QueueRule = ['pay', byUser];
const MEMBERS: QueueRule = ['member', byChat];
const REACTIONS: QueueRule = ['reaction', byChat];

const QUEUES: Readonly<Record<string, QueueRule>> = {
  message: MESSAGES, edited_message: MESSAGES, channel_post: MESSAGES, edited_channel_post: MESSAGES, guest_message: MESSAGES,
  business_message: MESSAGES, edited_business_message: MESSAGES, deleted_business_messages: MESSAGES,
  callback_query: ['callback', byUser], inline_query: INLINE, chosen_inline_result: INLINE,
  shipping_query: PAYMENTS, pre_checkout_query: PAYMENTS, purchased_paid_media: PAYMENTS,
  my_chat_member: MEMBERS, chat_member: MEMBERS, chat_join_request: ['join', byUser],
  message_reaction: REACTIONS, message_reaction_count: REACTIONS,
};

/**
 * Telegram keeps one webhook queue per kind and owner: a tap and a message of one person are not ordered
 * against each other. Bots have to cope, so the simulator does the same.
 */
export function queueKeyOf(update: SimUpdate): string {
  const kind = kindOf(update);
  const body = (update[kind] ?? {}) as Keyed;
  const rule = QUEUES[kind];
  if (rule) return `${rule[0]}:${rule[1](body)}`;
  return `${kind}:${byChat(body) || byUser(body) || (body.id ?? 0)}`;
}

/** The chat an update belongs to, when it has one. */
export function chatIdOf(update: SimUpdate): number | null {
  const body = (update[kindOf(update)] ?? {}) as Keyed;
  return body.chat?.id ?? body.message?.chat?.id ?? null;
}
