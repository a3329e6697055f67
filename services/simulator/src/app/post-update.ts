import { ControlError } from '../domain/control-error.ts';
import type { SimUpdate } from '../domain/types.ts';
import { chatIdOf, isAllowed, kindOf, queueKeyOf } from '../domain/updates.ts';
import { PENDING_PER_BOT_MAX } from '../limits.ts';
import type { BotAccount } from './bot-account.ts';

/** Queues an update that a bot gets as it is, whatever its allowed_updates say. */
export function postRawUpdate(account: BotAccount, update: SimUpdate, nowMs: number): number {
  if (account.pending.size >= PENDING_PER_BOT_MAX) {
    throw new ControlError(409, `updates: ${PENDING_PER_BOT_MAX} wait already; set a webhook or POST /_sim/reset {"token": …}`);
  }
  const kind = kindOf(update);
  const body = update[kind] as { message_id?: number; message?: { message_id?: number } } | undefined;
  const record = {
    update, kind,
    queueKey: queueKeyOf(update),
    chatId: chatIdOf(update),
    messageId: body?.message_id ?? body?.message?.message_id ?? null,
    createdAtMs: nowMs,
  };
  account.commit({ t: 'update', record });
  account.openQueries.register(kind, body, nowMs);
  account.onUpdate(record);
  return update.update_id;
}

/** Queues an update of a kind; null when the bot did not ask for this kind. */
export function postUpdate(account: BotAccount, kind: string, body: unknown, nowMs: number): number | null {
  if (!isAllowed(kind, account.allowedUpdates)) return null;
  return postRawUpdate(account, { update_id: account.takeUpdateId(), [kind]: body }, nowMs);
}
