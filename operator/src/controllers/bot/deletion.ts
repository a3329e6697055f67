import { BOTS, hasFinalizer, releaseFinalizer, statusEquals, typed } from '@botplane/k8s';
import type { Bot, ReconcileResult } from '@botplane/k8s';
import { TelegramRefusal, TokenRefusal } from '../../adapters/telegram.ts';
import { CLEANUP_RETRY_MS } from '../../limits.ts';
import { BOT_FINALIZER, FIELD_MANAGER, secretsKey, tokenKey } from '../../names.ts';
import { RouteConflictError, toOutcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { observeBot, observeRoute } from './observe.ts';
import type { BotDeps, BotWork } from './observe.ts';
import { bequeath } from './farewell.ts';
import { makeTombstone } from './route.ts';
import { writeBotStatus } from './serving.ts';
import { deletingConditions } from './status.ts';
import { holdsClaim, readEnvelope, releaseClaim } from './token.ts';
import { removeOwnWebhook } from './webhook-owner.ts';

/**
 * Cleans up after a Bot: route, Telegram, credentials, claim; then the finalizer goes. It works from the envelope in KV, so Secret and namespace may
 * be gone. After a minute of failure the finalizer goes anyway: what is left at Telegram is handed to Farewells, and ingress answers 410 meanwhile.
 */
export async function finalizeBot(deps: BotDeps, bot: Bot): Promise<ReconcileResult> {
  if (!hasFinalizer(bot, BOT_FINALIZER)) return {};
  const work = observeBot(deps, bot);
  try {
    await cleanUp(deps, work);
  } catch (error) {
    const ageMs = deps.nowMs() - Date.parse(bot.metadata.deletionTimestamp ?? '');
    if (ageMs < deps.settings.cleanupMsMax) return postpone(deps, work, error);
    abandon(deps, work, error);
    await bestEffort(deps, work);
  }
  await releaseFinalizer(deps.client, typed<Bot>(BOTS), work.bot, BOT_FINALIZER, { fieldManager: FIELD_MANAGER });
  return {};
}

async function cleanUp(deps: BotDeps, work: BotWork): Promise<void> {
  await buryRoute(deps, work);
  await leaveTelegram(deps, work);
  await forgetCredentials(deps, work);
  if (work.bot.spec.deletionPolicy === 'Delete') await deps.purge(work.botId);
  deps.webhookChecks.forget(work.botId);
  deps.analyst.forget(work.key);
  deps.rolloutClocks.forget(work.uid);
  deps.log.info({ botId: work.botId }, 'bot cleaned up');
}

async function buryRoute(deps: BotDeps, work: BotWork): Promise<void> {
  const { own, revision } = await observeRoute(deps, work);
  if (!own || own.state === 'Deleted') return;
  if ((await deps.stores.routes.update(work.botId, makeTombstone(own), revision)) === 'conflict') throw new RouteConflictError('the route changed since it was read');
}

async function leaveTelegram(deps: BotDeps, work: BotWork): Promise<void> {
  const { telegram, webhook } = work.draft;
  if (!telegram || !(await holdsClaim(deps, work, telegram.id))) return;
  const secret = await readEnvelope(deps, work);
  if (!secret) return;
  try {
    await removeOwnWebhook(deps, secret.token, webhook?.url);
    for (const code of webhook?.commandLanguages ?? []) await deps.telegram.deleteCommands(secret.token, code);
  } catch (error) {
    // A token that is not valid any more has no webhook; what Telegram refuses for good cannot be mended here.
    if (!(error instanceof TokenRefusal || error instanceof TelegramRefusal)) throw error;
  }
}

async function forgetCredentials(deps: BotDeps, work: BotWork): Promise<void> {
  const { credentials } = deps.stores;
  const keys = [tokenKey(work.botId), ...work.revisions.map((revision) => secretsKey(work.botId, revision.metadata.name))];
  for (const key of keys) if (await credentials.get(key)) await credentials.delete(key);
  if (work.draft.telegram) await releaseClaim(deps, work, work.draft.telegram.id);
}

async function postpone(deps: BotDeps, work: BotWork, error: unknown): Promise<ReconcileResult> {
  const { reason, message, recheckMs } = toOutcome(error);
  const { generation = 0 } = work.bot.metadata;
  deps.log.warn({ err: error, botId: work.botId }, 'clean-up failed; trying again');
  work.draft.conditions = deletingConditions(work.draft.conditions, generation, reason, message, new Date(deps.nowMs()).toISOString());
  if (!statusEquals(work.bot.status, work.draft)) await writeBotStatus(deps, work);
  return { requeueAfterMs: Math.max(CLEANUP_RETRY_MS, Math.min(recheckMs ?? 0, deps.settings.cleanupMsMax)) };
}

function abandon(deps: BotDeps, work: BotWork, error: unknown): void {
  const { message } = toOutcome(error);
  deps.log.error({ err: error, botId: work.botId }, 'clean-up given up');
  deps.events.record(work.bot, {
    type: 'Warning', reason: Reasons.CleanupAbandoned, action: 'CleanUp',
    note: `the clean-up failed for ${deps.settings.cleanupMsMax / 1_000} s (${message}); what is left at Telegram is tried for a day, and ingress answers 410`,
  });
}

/** Each part by itself: one that fails must not keep the others. */
async function bestEffort(deps: BotDeps, work: BotWork): Promise<void> {
  for (const part of [buryRoute, bequeath, forgetCredentials]) {
    await part(deps, work).catch((error: unknown) => deps.log.warn({ err: error, botId: work.botId }, 'part of the clean-up failed'));
  }
}
