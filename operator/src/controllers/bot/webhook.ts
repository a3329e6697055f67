import { URGENT_KINDS } from '@botplane/contracts';
import type { RevisionPassport } from '@botplane/contracts';
import { canonicalJson, sha256Hex } from '@botplane/domain';
import { TelegramRefusal, TokenRefusal } from '../../adapters/telegram.ts';
import { RECHECK_MS } from '../../limits.ts';
import { done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import type { BotDeps, BotWork, ObservedRoute } from './observe.ts';
import { deriveWebhookSecret } from './route.ts';
import { readEnvelope } from './token.ts';

/** Address that Telegram calls for a bot. */
export const webhookUrlOf = (root: string, botId: string): string => `${root}/wh/${botId}`;

/** Kinds of updates to ask Telegram for: what the bot works with, and queries that are answered even so, lest people wait in vain. */
export const wantedUpdates = ({ allowedUpdates }: Pick<RevisionPassport, 'allowedUpdates'>): string[] => [...new Set([...allowedUpdates, ...URGENT_KINDS])];

/** Webhook and command lists at Telegram are as the serving revision wants them; Telegram is called only for differences. */
export async function ensureWebhook(deps: BotDeps, work: BotWork, route: ObservedRoute): Promise<Outcome> {
  const { own } = route;
  const revision = own?.split[0]?.revision;
  const revHash = revision === undefined ? undefined : own?.revisions[revision]?.revHash;
  if (!own || revHash === undefined) return waiting(Reasons.Pending, 'waits for a revision that serves');
  if (own.state === 'Suspended') return removeWebhook(deps, work);

  const passport = await deps.passports.get(work.botId, revHash);
  try {
    const isPolled = own.updates === 'Polling';
    await (isPolled ? makeRoomForPolling(deps, work) : registerWebhook(deps, work, passport));
    await registerCommands(deps, work, passport);
    if (work.flipped) deps.failpoints.hit('after-webhook');
    if (isPolled) return done(Reasons.PollingInstead, 'updates are fetched with getUpdates; spec.updates is Polling');
    return done(Reasons.Registered, webhookUrlOf(deps.settings.webhookUrl, work.botId));
  } catch (error) {
    return refusalOutcome(error);
  }
}

function refusalOutcome(error: unknown): Outcome {
  if (error instanceof TokenRefusal) return failed(Reasons.TokenRejected, 'Telegram rejects the token; ask @BotFather for a valid one and put it into the Secret', RECHECK_MS);
  if (error instanceof TelegramRefusal) return failed(error.message.includes('MyCommands') ? Reasons.CommandsRefused : Reasons.WebhookRefused, error.message, RECHECK_MS);
  throw error;
}

async function registerWebhook(deps: BotDeps, work: BotWork, passport: RevisionPassport): Promise<void> {
  const url = webhookUrlOf(deps.settings.webhookUrl, work.botId);
  const secretToken = deriveWebhookSecret(deps.settings.tokenInstallKey.bytes, work.uid, work.botId);
  const { draft } = work;
  const allowedUpdates = wantedUpdates(passport);
  const settingsHash = sha256Hex(canonicalJson({ url, secret: sha256Hex(secretToken), allowedUpdates, token: draft.observedToken }));
  if (draft.webhook?.url === url && draft.webhook.settingsHash === settingsHash) return;

  await deps.telegram.setWebhook(await tokenOf(deps, work), { url, secretToken, allowedUpdates });
  draft.webhook = { ...draft.webhook, url, settingsHash };
  deps.log.info({ botId: work.botId, url }, 'webhook set');
}

/** Telegram gives updates to pollers only while there is no webhook, ours or one of somebody before us. What waits is kept. */
async function makeRoomForPolling(deps: BotDeps, work: BotWork): Promise<void> {
  const { draft } = work;
  const settingsHash = sha256Hex(canonicalJson({ updates: 'Polling', token: draft.observedToken }));
  if (draft.webhook?.settingsHash === settingsHash) return;

  await deps.telegram.deleteWebhook(await tokenOf(deps, work));
  const { url: _, ...rest } = draft.webhook ?? {};
  draft.webhook = { ...rest, settingsHash };
  deps.log.info({ botId: work.botId }, 'webhook removed: the bot is polled');
}

async function registerCommands(deps: BotDeps, work: BotWork, { commands }: RevisionPassport): Promise<void> {
  const { draft } = work;
  const commandsHash = sha256Hex(canonicalJson({ commands, telegram: draft.telegram?.id }));
  if (draft.webhook?.commandsHash === commandsHash) return;

  const token = await tokenOf(deps, work);
  const languages = commands.map((list) => list.languageCode ?? '');
  for (const list of commands) await deps.telegram.setCommands(token, list);
  for (const gone of (draft.webhook?.commandLanguages ?? []).filter((code) => !languages.includes(code))) await deps.telegram.deleteCommands(token, gone);
  draft.webhook = { ...draft.webhook, commandsHash, commandLanguages: languages };
  deps.log.info({ botId: work.botId, languages }, 'commands set');
}

/** Suspended: Telegram keeps the updates that wait. */
async function removeWebhook(deps: BotDeps, work: BotWork): Promise<Outcome> {
  const { url: _, settingsHash: __, ...rest } = work.draft.webhook ?? {};
  if (work.draft.webhook?.url !== undefined) {
    try {
      await deps.telegram.deleteWebhook(await tokenOf(deps, work));
    } catch (error) {
      return refusalOutcome(error);
    }
    work.draft.webhook = rest;
    deps.log.info({ botId: work.botId }, 'webhook removed');
  }
  return done(Reasons.Suspended, 'removed while suspended');
}

async function tokenOf(deps: BotDeps, work: BotWork): Promise<string> {
  const secret = await readEnvelope(deps, work);
  if (!secret) throw new Error('the token was not handed over yet');
  return secret.token;
}
