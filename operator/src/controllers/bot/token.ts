import type { TokenClaim, TokenSecret } from '@botplane/contracts';
import { parseBotId } from '@botplane/domain';
import { SECRETS } from '@botplane/k8s';
import { openEnvelope, sealEnvelope } from '@botplane/kit/plain';
import { TokenRefusal } from '../../adapters/telegram.ts';
import { RECHECK_MS } from '../../limits.ts';
import { tokenKey } from '../../names.ts';
import { RouteConflictError, done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { viewRevision } from './observe.ts';
import type { BotDeps, BotWork, TelegramAccount } from './observe.ts';
import { removeOwnWebhook } from './webhook-owner.ts';

const TOKEN_PATTERN = /^([0-9]{3,20}):[A-Za-z0-9_-]{20,64}$/;

/**
 * The token is known to Telegram, claimed by this Bot alone and handed over in an envelope. Telegram is asked only when the Secret changed;
 * KV is looked at again when the route is missing, since then more may be lost. While nothing can serve yet, what was so a moment ago is enough.
 */
export async function ensureToken(deps: BotDeps, work: BotWork, hasRoute: boolean): Promise<Outcome> {
  const { name, key = 'token' } = work.bot.spec.tokenSecretRef;
  const namespace = work.bot.metadata.namespace ?? '';
  const secret = deps.secrets.get({ namespace, name });
  if (!secret) return waiting(Reasons.TokenSecretMissing, `Secret ${name} does not exist in namespace ${namespace}; create it with the token under the key ${key}`);

  const version = `${secret.metadata.uid}/${secret.metadata.resourceVersion}/${key}`;
  const { telegram: known, observedToken } = work.draft;
  const isKnown = observedToken === version && known !== undefined;
  if (isKnown && hasRoute) return accepted(known);
  const lately = deps.acceptedTokens.get(`${work.uid}/${version}`);
  if (lately && !hasRoute && !mayServe(work)) return remember(work, lately, version);

  const token = await readToken(deps, namespace, name, key);
  if (token === undefined) return waiting(Reasons.TokenSecretMissing, `Secret ${name} has no key ${key}; put the token of @BotFather there`);
  const id = TOKEN_PATTERN.exec(token)?.[1];
  if (id === undefined) return failed(Reasons.TokenMalformed, `key ${key} of Secret ${name} does not hold a token of the form 123456:ABC…`);
  return isKnown ? hold(deps, work, token, known) : accept(deps, work, token, version);
}

/** With a revision that is ready a route may be made: then the claim and the envelope must be there, whatever was so a moment ago. */
const mayServe = ({ revisions, uid }: BotWork): boolean => revisions.some((revision) => viewRevision(revision, uid).ready);

function remember(work: BotWork, telegram: TelegramAccount, version: string): Outcome {
  work.draft.telegram = telegram;
  work.draft.observedToken = version;
  return accepted(telegram);
}

const accepted = (telegram: { id: number; username: string }): Outcome => done(Reasons.Ready, `@${telegram.username}`);

async function readToken(deps: BotDeps, namespace: string, name: string, key: string): Promise<string | undefined> {
  const data = (await deps.client.get(SECRETS, { namespace, name }))?.data?.[key];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8').trim();
}

/** A token that was not seen before. */
async function accept(deps: BotDeps, work: BotWork, token: string, version: string): Promise<Outcome> {
  const identity = await deps.telegram.identify(token);
  if (identity.kind === 'rejected') {
    return failed(Reasons.TokenRejected, 'Telegram rejected the token; ask @BotFather for a valid one and put it into the Secret', RECHECK_MS);
  }
  const { id, username } = identity;
  const before = work.draft.telegram;
  const outcome = await hold(deps, work, token, { id, username });
  if (outcome.state !== 'done') return outcome;

  if (before && before.id !== id) await releaseClaim(deps, work, before.id);
  deps.acceptedTokens.set(`${work.uid}/${version}`, { id, username });
  return remember(work, { id, username }, version);
}

/** Claims the account and stores the envelope, as far as that is not so already. */
async function hold(deps: BotDeps, work: BotWork, token: string, telegram: { id: number; username: string }): Promise<Outcome> {
  const holder = await claim(deps, work, telegram.id);
  if (holder !== undefined) {
    const { namespace, name } = parseBotId(holder) ?? { namespace: '?', name: holder };
    return failed(Reasons.TokenInUse, `the token of @${telegram.username} is used by Bot ${name} in namespace ${namespace}; one token serves one Bot`, RECHECK_MS);
  }
  const before = work.draft.telegram;
  // The account changed: the old one must not go on calling us.
  if (before && before.id !== telegram.id) await forgetWebhook(deps, work);
  await storeEnvelope(deps, work, { token, apiRoot: deps.settings.telegramApi });
  return accepted(telegram);
}

/** Undefined when the claim is ours; else who holds it. A claim of a Bot that is gone is taken over. */
async function claim(deps: BotDeps, work: BotWork, telegramId: number): Promise<string | undefined> {
  const { tokens } = deps.stores;
  const mine: TokenClaim = { v: 1, botId: work.botId, uid: work.uid };
  const found = await tokens.get(String(telegramId));
  if (found?.value.uid === work.uid) return undefined;
  if (found && isHeld(deps, found.value)) return found.value.botId;

  const written = found ? await tokens.update(String(telegramId), mine, found.revision) : await tokens.create(String(telegramId), mine);
  if (written === 'conflict') throw new RouteConflictError('another Bot claims the same token at this moment');
  return undefined;
}

function isHeld(deps: BotDeps, claimed: TokenClaim): boolean {
  const ref = parseBotId(claimed.botId);
  return ref !== undefined && deps.bots.get(ref)?.metadata.uid === claimed.uid;
}

/** Gives up the claim on an account, if it is ours. */
export async function releaseClaim(deps: BotDeps, work: Pick<BotWork, 'uid'>, telegramId: number): Promise<void> {
  const found = await deps.stores.tokens.get(String(telegramId));
  if (found?.value.uid !== work.uid) return;
  if ((await deps.stores.tokens.delete(String(telegramId), found.revision)) === 'conflict') throw new RouteConflictError('the claim changed while it was given up');
}

/** True when this Bot holds the account: only then may it speak for it. */
export async function holdsClaim(deps: BotDeps, work: Pick<BotWork, 'uid'>, telegramId: number): Promise<boolean> {
  return (await deps.stores.tokens.get(String(telegramId)))?.value.uid === work.uid;
}

/** The token as it was last handed over; it opens also when the Secret is gone. Undefined when there is none. */
export async function readEnvelope(deps: BotDeps, work: Pick<BotWork, 'botId'>): Promise<TokenSecret | undefined> {
  const key = tokenKey(work.botId);
  const found = await deps.stores.credentials.get(key);
  return found && (JSON.parse(openEnvelope(deps.settings.tokenInstallKey, key, found.value)) as TokenSecret);
}

async function storeEnvelope(deps: BotDeps, work: BotWork, secret: TokenSecret): Promise<void> {
  const key = tokenKey(work.botId);
  // An envelope that does not open is of an earlier install key: it is replaced.
  const present = await readEnvelope(deps, work).catch(() => undefined);
  if (present?.token === secret.token && present.apiRoot === secret.apiRoot) return;
  await deps.stores.credentials.put(key, sealEnvelope(deps.settings.tokenInstallKey, key, JSON.stringify(secret)));
}

async function forgetWebhook(deps: BotDeps, work: BotWork): Promise<void> {
  const formerly = work.draft.webhook?.url;
  delete work.draft.webhook;
  const old = await readEnvelope(deps, work).catch(() => undefined);
  if (!old) return;
  try {
    await removeOwnWebhook(deps, old.token, formerly);
  } catch (error) {
    // A revoked token has no webhook that could reach us.
    if (!(error instanceof TokenRefusal)) throw error;
  }
}
