import type { SimUpdate } from './types.ts';

/** Every kind of update of Bot API 10.3. */
export const UPDATE_KINDS = [
  'message', 'edited_message', 'channel_post', 'edited_channel_post', 'business_connection', 'business_message',
  'edited_business_message', 'deleted_business_messages', 'guest_message', 'message_reaction', 'message_reaction_count',
  'inline_query', 'chosen_inline_result', 'callback_query', 'shipping_query', 'pre_checkout_query', 'purchased_paid_media',
  'poll', 'poll_answer', 'my_chat_member', 'chat_member', 'chat_join_request', 'chat_boost', 'removed_chat_boost',
  'managed_bot', 'subscription',
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

/**
 * Telegram keeps one webhook queue per kind and owner: a tap and a message of one person are not ordered
 * against each other. Bots have to cope, so the simulator does the same.
 */
export function queueKeyOf(update: SimUpdate): string {
  const kind = kindOf(update);
  const body = (update[kind] ?? {}) as Keyed;
  const user = body.from?.id ?? body.user?.id ?? 0;
  switch (kind) {
    case 'message': case 'edited_message': case 'channel_post': case 'edited_channel_post': case 'guest_message':
    case 'business_message': case 'edited_business_message': case 'deleted_business_messages':
      return `chat:${body.chat?.id ?? 0}`;
    case 'callback_query':
      return `callback:${user}`;
    case 'inline_query': case 'chosen_inline_result':
      return `inline:${user}`;
    case 'shipping_query': case 'pre_checkout_query': case 'purchased_paid_media':
      return `pay:${user}`;
    case 'my_chat_member': case 'chat_member':
      return `member:${body.chat?.id ?? 0}`;
    case 'chat_join_request':
      return `join:${user}`;
    case 'message_reaction': case 'message_reaction_count':
      return `reaction:${body.chat?.id ?? 0}`;
    default:
      return `${kind}:${body.chat?.id ?? (user || body.id) ?? 0}`;
  }
}

/** The chat an update belongs to, when it has one. */
export function chatIdOf(update: SimUpdate): number | null {
  const body = (update[kindOf(update)] ?? {}) as Keyed;
  return body.chat?.id ?? body.message?.chat?.id ?? null;
}
