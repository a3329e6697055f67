import { ApiError } from '../../domain/api-error.ts';
import type { SimUpdate } from '../../domain/types.ts';
import { POLL_UPDATES_MAX, POLL_WAIT_S_MAX, UPDATE_AGE_MS_MAX } from '../../limits.ts';
import { poll } from '../signal.ts';
import type { Call, Method } from './params.ts';
import { integer } from './params.ts';
import { allowedOf } from './webhooks.ts';

const conflict = (reason: string): ApiError => new ApiError(409, `Conflict: ${reason}`);
const OTHER_POLL = 'terminated by other getUpdates request; make sure that only one bot instance is running';

/**
 * What getUpdates does before it answers: confirms what is below `offset`, ends an older long poll, and waits. Throws Telegram's 409
 * while a webhook is set, and when another getUpdates or setWebhook comes meanwhile.
 */
export async function waitForUpdates(call: Call, abort: () => AbortSignal): Promise<void> {
  const { account } = call;
  if (account.webhook) throw conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
  account.endPoll(OTHER_POLL);
  const allowed = allowedOf(call);
  if (allowed !== undefined) account.commit({ t: 'allowed', kinds: allowed.length === 0 ? null : allowed });
  confirm(call);
  account.polledAtMs = call.nowMs;

  const waitMs = Math.min(Math.max(0, integer(call, 'timeout') ?? 0), POLL_WAIT_S_MAX) * 1_000;
  if (waitMs === 0 || account.pending.size > 0) return;
  const ended = account.beginPoll();
  await poll(account.signals, 'updates', waitMs, AbortSignal.any([ended.signal, abort()]), () => (account.pending.size > 0 ? true : null));
  account.polledAtMs = Date.now();
  if (ended.signal.aborted) throw conflict(String(ended.signal.reason));
}

export const getUpdates: Method = (call) => {
  const limit = Math.min(Math.max(1, integer(call, 'limit') ?? POLL_UPDATES_MAX), POLL_UPDATES_MAX);
  return { result: waiting(call).slice(0, limit) };
};

/** A positive offset confirms all updates before it, a negative one all but the last few. */
function confirm(call: Call): void {
  const offset = integer(call, 'offset') ?? 0;
  if (offset === 0) return;
  const first = offset > 0 ? offset : (waiting(call).at(offset)?.update_id ?? 0);
  for (const id of [...call.account.pending.keys()]) if (id < first) call.account.commit({ t: 'settled', updateId: id, atMs: call.nowMs });
}

/** Updates that wait, by id; those that Telegram would have forgotten are dropped. */
function waiting({ account, nowMs }: Call): SimUpdate[] {
  const found: SimUpdate[] = [];
  for (const { update, createdAtMs } of [...account.pending.values()]) {
    if (nowMs - createdAtMs > UPDATE_AGE_MS_MAX) account.commit({ t: 'settled', updateId: update.update_id, atMs: nowMs });
    else found.push(update);
  }
  return found.sort((a, b) => a.update_id - b.update_id);
}
