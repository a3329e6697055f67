import { URGENT_KINDS } from '@botplane/contracts';
import type { RevisionPassport, RouteRecord } from '@botplane/contracts';
import { canonicalJson, sha256Hex } from '@botplane/domain';
import { TelegramRefusal, TokenRefusal } from '../../adapters/telegram.ts';
import { RECHECK_MS } from '../../limits.ts';
import { done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import type { BotDeps, BotWork, ObservedRoute } from './observe.ts';
import { deriveWebhookSecret } from './route.ts';
import { readEnvelope } from './token.ts';
import { findWebhook, removeOwnWebhook, webhookUrlOf } from './webhook-owner.ts';

/** Kinds of updates to ask Telegram for: what any revision with traffic works with, and queries that are answered even so, lest people wait in vain. */
export const wantedUpdates = (passports: readonly Pick<RevisionPassport, 'allowedUpdates'>[]): string[] => [...new Set([...passports.flatMap(({ allowedUpdates }) => allowedUpdates), ...URGENT_KINDS])];

/** Webhook and command lists at Telegram are as the serving revision wants them; Telegram is called only for differences. */
export async function ensureWebhook(deps: BotDeps, work: BotWork, route: ObservedRoute): Promise<Outcome> {
  const { own } = route;
  const revision = own?.split[0]?.revision;
  const revHash = revision === undefined ? undefined : own?.revisions[revision]?.revHash;
  if (!own || revHash === undefined) return waiting(Reasons.Pending, 'waits for a revision that serves');
  if (own.state === 'Suspended') return removeWebhook(deps, work);
  const settledFor = dependencies(deps, work, own);
  if (work.draft.webhook?.settledFor === settledFor && deps.webhookChecks.dueInMs(work.botId, deps.nowMs()) > 0) return settled(deps, work, own);

  // Commands are the stable revision's; of the kinds of updates a canary must get its own, too.
  const passports = await Promise.all(own.split.flatMap((entry) => own.revisions[entry.revision]?.revHash ?? []).map((hash) => deps.passports.get(work.botId, hash)));
  const passport = await deps.passports.get(work.botId, revHash);
  try {
    const isPolled = own.updates === 'Polling';
    const refusal = await (isPolled ? makeRoomForPolling(deps, work) : registerWebhook(deps, work, passports));
    if (refusal) return refusal;
    await registerCommands(deps, work, passport);
    work.draft.webhook = { ...work.draft.webhook, settledFor };
    return settled(deps, work, own);
  } catch (error) {
    return refusalOutcome(error);
  }
}

/** What the route names and Telegram was told; passports never change, so their hashes stand for them. */
function dependencies({ settings }: BotDeps, { botId, draft }: BotWork, { webhookSecretSha256, updates, split, revisions }: RouteRecord): string {
  const routed = split.map(({ revision }) => revisions[revision]?.revHash);
  return sha256Hex(canonicalJson({ url: webhookUrlOf(settings.webhookUrl, botId), secret: webhookSecretSha256, updates, routed, token: draft.observedToken, telegram: draft.telegram?.id, always: URGENT_KINDS }));
}

function settled(deps: BotDeps, work: BotWork, { updates }: RouteRecord): Outcome {
  if (work.flipped) deps.failpoints.hit('after-webhook');
  const recheckMs = deps.webhookChecks.dueInMs(work.botId, deps.nowMs());
  if (updates === 'Polling') return { ...done(Reasons.PollingInstead, 'updates are fetched with getUpdates; spec.updates is Polling'), recheckMs };
  return { ...done(Reasons.Registered, webhookUrlOf(deps.settings.webhookUrl, work.botId)), recheckMs };
}

function refusalOutcome(error: unknown): Outcome {
  if (error instanceof TokenRefusal) return failed(Reasons.TokenRejected, 'Telegram rejects the token; ask @BotFather for a valid one and put it into the Secret', RECHECK_MS);
  if (error instanceof TelegramRefusal) return failed(error.message.includes('MyCommands') ? Reasons.CommandsRefused : Reasons.WebhookRefused, error.message, RECHECK_MS);
  throw error;
}

/** Undefined when the webhook is as wanted. */
async function registerWebhook(deps: BotDeps, work: BotWork, passports: readonly RevisionPassport[]): Promise<Outcome | undefined> {
  const url = webhookUrlOf(deps.settings.webhookUrl, work.botId);
  const secretToken = deriveWebhookSecret(deps.settings.tokenInstallKey.bytes, work.uid, work.botId);
  const { draft } = work;
  const allowedUpdates = wantedUpdates(passports);
  const settingsHash = sha256Hex(canonicalJson({ url, secret: sha256Hex(secretToken), allowedUpdates, token: draft.observedToken }));
  const isKnown = draft.webhook?.url === url && draft.webhook.settingsHash === settingsHash;
  if (isKnown && deps.webhookChecks.dueInMs(work.botId, deps.nowMs()) > 0) return undefined;

  const token = await tokenOf(deps, work);
  const found = await findWebhook(deps, work, token);
  if ('refusal' in found) return withoutWebhook(work, found.refusal);
  if (isKnown && found.url === url) return undefined;

  // What fails now is tried again at once, not at the next look.
  forgetWebhook(work);
  if (found.url !== url || !deps.webhookChecks.wasTold(work, 'webhook', settingsHash)) await deps.telegram.setWebhook(token, { url, secretToken, allowedUpdates });
  deps.webhookChecks.rememberTold(work, 'webhook', settingsHash);
  draft.webhook = { ...draft.webhook, url, settingsHash };
  deps.log.info({ botId: work.botId, url }, 'webhook set');
  return undefined;
}

/** Forgets what was registered, so that it is registered again once there is room. */
function withoutWebhook(work: BotWork, refusal: Outcome): Outcome {
  forgetWebhook(work);
  return refusal;
}

function forgetWebhook({ draft }: BotWork): void {
  const { url: _, settingsHash: __, settledFor: ___, ...rest } = draft.webhook ?? {};
  draft.webhook = rest;
}

/** Telegram gives updates to pollers only while there is no webhook. What waits is kept. */
async function makeRoomForPolling(deps: BotDeps, work: BotWork): Promise<Outcome | undefined> {
  const { draft } = work;
  const settingsHash = sha256Hex(canonicalJson({ updates: 'Polling', token: draft.observedToken }));
  if (draft.webhook?.settingsHash === settingsHash && deps.webhookChecks.dueInMs(work.botId, deps.nowMs()) > 0) return undefined;

  const token = await tokenOf(deps, work);
  const found = await findWebhook(deps, work, token);
  if ('refusal' in found) return withoutWebhook(work, found.refusal);
  if (found.url !== '') await deps.telegram.deleteWebhook(token);
  const { url: _, ...rest } = draft.webhook ?? {};
  draft.webhook = { ...rest, settingsHash };
  deps.log.info({ botId: work.botId }, 'no webhook: the bot is polled');
  return undefined;
}

async function registerCommands(deps: BotDeps, work: BotWork, { commands }: RevisionPassport): Promise<void> {
  const { draft } = work;
  const commandsHash = sha256Hex(canonicalJson({ commands, telegram: draft.telegram?.id }));
  if (draft.webhook?.commandsHash === commandsHash) return;

  const languages = commands.map((list) => list.languageCode ?? '');
  if (!deps.webhookChecks.wasTold(work, 'commands', commandsHash)) {
    const token = await tokenOf(deps, work);
    for (const list of commands) await deps.telegram.setCommands(token, list);
    for (const gone of (draft.webhook?.commandLanguages ?? []).filter((code) => !languages.includes(code))) await deps.telegram.deleteCommands(token, gone);
    deps.webhookChecks.rememberTold(work, 'commands', commandsHash);
  }
  draft.webhook = { ...draft.webhook, commandsHash, commandLanguages: languages };
  deps.log.info({ botId: work.botId, languages }, 'commands set');
}

/** Suspended: Telegram keeps the updates that wait. It is looked at as often as while the bot serves: ours may be back, and the token may be revoked. */
async function removeWebhook(deps: BotDeps, work: BotWork): Promise<Outcome> {
  const { webhookChecks } = deps;
  const formerly = work.draft.webhook?.url;
  if (formerly !== undefined || webhookChecks.dueInMs(work.botId, deps.nowMs()) === 0) {
    try {
      await removeOwnWebhook(deps, await tokenOf(deps, work), formerly);
    } catch (error) {
      return refusalOutcome(error);
    }
    webhookChecks.remember(work.botId, deps.nowMs());
  }
  if (formerly !== undefined) {
    forgetWebhook(work);
    deps.log.info({ botId: work.botId }, 'webhook removed');
  }
  return { ...done(Reasons.Suspended, 'removed while suspended'), recheckMs: webhookChecks.dueInMs(work.botId, deps.nowMs()) };
}

async function tokenOf(deps: BotDeps, work: BotWork): Promise<string> {
  const secret = await readEnvelope(deps, work);
  if (!secret) throw new Error('the token was not handed over yet');
  return secret.token;
}
