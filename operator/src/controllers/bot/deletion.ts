import { BOTS, BOT_REVISIONS, hasFinalizer, isNotFound, refOf, refOfKey, releaseFinalizer, statusEquals, typed } from '@botplane/k8s';
import type { Bot, ReconcileResult } from '@botplane/k8s';
import { TelegramRefusal, TokenRefusal } from '../../adapters/telegram.ts';
import { BURIED_CLEANUP_TIMES, CLEANUP_RETRY_MS } from '../../limits.ts';
import { BOT_FINALIZER, FIELD_MANAGER, PURGE_ANNOTATION, REVISION_FINALIZER, secretsKey, tokenKey } from '../../names.ts';
import { RouteConflictError, toOutcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { observeBot, observeOrphan, observeRoute } from './observe.ts';
import type { BotDeps, BotWork, Remains } from './observe.ts';
import { bequeath } from './farewell.ts';
import { makeTombstone } from './route.ts';
import { writeBotStatus } from './serving.ts';
import { deletingConditions } from './status.ts';
import { holdsClaim, readEnvelope, releaseClaim } from './token.ts';
import { removeOwnWebhook } from './webhook-owner.ts';

/**
 * Cleans up after a Bot: route, Telegram, credentials, claim; then the finalizer goes. It works from the envelope in KV, so Secret and namespace may
 * be gone. After a minute of failure the finalizer goes anyway: what is left is handed to Farewells, and ingress answers 410 meanwhile. Without NATS
 * nothing can be handed over: then it is remembered here, and the route that still stands names it to the next operator, as its revisions name its
 * `deletionPolicy: Delete`. A route that was buried before NATS went names nothing, so such a Bot stays for longer.
 */
export async function finalizeBot(deps: BotDeps, bot: Bot): Promise<ReconcileResult> {
  if (!hasFinalizer(bot, BOT_FINALIZER)) return {};
  const work = observeBot(deps, bot);
  const remains = { ...work, purge: work.bot.spec.deletionPolicy === 'Delete' };
  try {
    await cleanUp(deps, work, remains);
  } catch (error) {
    const ageMs = deps.nowMs() - Date.parse(bot.metadata.deletionTimestamp ?? '');
    if (ageMs < deps.settings.cleanupMsMax) return postpone(deps, work, error);
    const isHandedOver = await bestEffort(deps, remains);
    if (!isHandedOver && deps.buried.has(work.uid) && ageMs < BURIED_CLEANUP_TIMES * deps.settings.cleanupMsMax) return postpone(deps, work, error, KEPT);
    abandon(deps, work, error);
    if (!isHandedOver) await leaveWord(deps, remains);
  }
  deps.buried.delete(work.uid);
  deps.webhookChecks.forget(work.botId);
  deps.analyst.forget(work.key);
  deps.rolloutClocks.forget(work.uid);
  await releaseFinalizer(deps.client, typed<Bot>(BOTS), work.bot, BOT_FINALIZER, { fieldManager: FIELD_MANAGER });
  return {};
}

/**
 * Cleans up after a Bot whose object went while NATS was away: remembered, or named by a route that still stands. The route goes last, so that another
 * operator finds the rest.
 */
export async function cleanUpOrphan(deps: BotDeps, key: string): Promise<ReconcileResult> {
  const { namespace = '', name } = refOfKey(key);
  const { onlyNamespace } = deps.settings;
  if (onlyNamespace !== undefined && namespace !== onlyNamespace) return {};
  const remains = deps.abandoned.get(key) ?? (await observeOrphan(deps, key));
  // The cache may not have the Bot yet: only Kubernetes itself knows that it is gone.
  if (!remains || (await deps.client.get(typed<Bot>(BOTS), { namespace, name }))) return {};
  await bequeath(deps, remains);
  await forgetCredentials(deps, remains);
  await buryRoute(deps, remains);
  deps.buried.delete(remains.uid);
  deps.abandoned.delete(key);
  deps.log.warn({ botId: remains.botId }, 'cleaned up after a bot that went while NATS was away');
  return {};
}

async function cleanUp(deps: BotDeps, work: BotWork, remains: Remains): Promise<void> {
  await buryRoute(deps, work);
  await leaveTelegram(deps, work);
  await forgetCredentials(deps, work);
  await purgeState(deps, remains);
  deps.log.info({ botId: work.botId }, 'bot cleaned up');
}

async function purgeState(deps: BotDeps, remains: Remains): Promise<void> {
  if (remains.purge) await deps.purge(remains.botId);
  remains.purge = false;
}

async function buryRoute(deps: BotDeps, work: Pick<BotWork, 'botId' | 'uid'>): Promise<void> {
  const { own, revision } = await observeRoute(deps, work);
  if (!own) return;
  if (own.state !== 'Deleted' && (await deps.stores.routes.update(work.botId, makeTombstone(own), revision)) === 'conflict') throw new RouteConflictError('the route changed since it was read');
  deps.buried.add(work.uid);
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

async function forgetCredentials(deps: BotDeps, work: Pick<BotWork, 'botId' | 'uid' | 'draft' | 'revisions'>): Promise<void> {
  const { credentials } = deps.stores;
  const keys = [tokenKey(work.botId), ...work.revisions.map((revision) => secretsKey(work.botId, revision.metadata.name))];
  for (const key of keys) if (await credentials.get(key)) await credentials.delete(key);
  if (work.draft.telegram) await releaseClaim(deps, work, work.draft.telegram.id);
}

const KEPT = '; the Bot is kept until NATS takes what is left to do';

async function postpone(deps: BotDeps, work: BotWork, error: unknown, note = ''): Promise<ReconcileResult> {
  const { reason, message, recheckMs } = toOutcome(error);
  const { generation = 0 } = work.bot.metadata;
  deps.log.warn({ err: error, botId: work.botId }, 'clean-up failed; trying again');
  work.draft.conditions = deletingConditions(work.draft.conditions, generation, reason, message + note, new Date(deps.nowMs()).toISOString());
  if (!statusEquals(work.bot.status, work.draft)) await writeBotStatus(deps, work);
  return { requeueAfterMs: Math.max(CLEANUP_RETRY_MS, Math.min(recheckMs ?? 0, deps.settings.cleanupMsMax)) };
}

function abandon(deps: BotDeps, work: BotWork, error: unknown): void {
  const { message } = toOutcome(error);
  deps.log.error({ err: error, botId: work.botId }, 'clean-up given up');
  deps.events.record(work.bot, {
    type: 'Warning', reason: Reasons.CleanupAbandoned, action: 'CleanUp',
    note: `the clean-up failed for ${deps.settings.cleanupMsMax / 1_000} s (${message}); what is left is tried for a day, and ingress answers 410 as soon as NATS takes the word`,
  });
}

/** For this operator and for the next one: revisions stay as long as the route names them, and nothing else of the Bot does. */
async function leaveWord(deps: BotDeps, remains: Remains): Promise<void> {
  deps.abandoned.set(remains.key, remains);
  if (!remains.purge) return;
  for (const revision of remains.revisions.filter((known) => hasFinalizer(known, REVISION_FINALIZER))) {
    const body = { metadata: { uid: revision.metadata.uid, annotations: { [PURGE_ANNOTATION]: remains.uid } } };
    await deps.client.patch(BOT_REVISIONS, refOf(revision), { type: 'merge', body }, { fieldManager: FIELD_MANAGER }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

/** Each part by itself: one that fails must not keep the others. False: something is left that nobody has been told of. */
async function bestEffort(deps: BotDeps, remains: Remains): Promise<boolean> {
  const failed: unknown[] = [];
  for (const part of [buryRoute, purgeState, bequeath, forgetCredentials]) {
    await part(deps, remains).catch((err: unknown) => {
      deps.log.warn({ err, botId: remains.botId }, 'part of the clean-up failed');
      failed.push(part);
    });
  }
  // What could not be removed at once went into the farewell.
  return failed.every((part) => part === purgeState);
}
