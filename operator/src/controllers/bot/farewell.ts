import type { Envelope } from '@botplane/contracts';
import { parseBotId } from '@botplane/domain';
import { BOTS, typed } from '@botplane/k8s';
import type { Bot } from '@botplane/k8s';
import { openEnvelope, sealEnvelope } from '@botplane/kit/plain';
import { UnavailableError, WatchedBucket } from '@botplane/nats';
import type { KeyChange } from '@botplane/nats';
import { TelegramRefusal, TokenRefusal } from '../../adapters/telegram.ts';
import { FAREWELL_MS_MAX, FAREWELL_RETRY_MS, FAREWELL_RETRY_MS_MAX } from '../../limits.ts';
import { FAREWELL_KEYS, farewellKey } from '../../names.ts';
import type { BotDeps, Remains } from './observe.ts';
import { readEnvelope } from './token.ts';
import { removeOwnWebhook } from './webhook-owner.ts';

/** What is left to do for a Bot whose object is gone. */
interface Farewell {
  botId: string;
  /** Of the Bot: a later one of the same name or token is not touched. */
  uid: string;
  /** Left out: Telegram has nothing of it. */
  account?: { token: string; telegramId: number; commandLanguages: string[] };
  /** What `deletionPolicy: Delete` names is still to be removed. */
  purge: boolean;
  /** Given up after this. */
  untilMs: number;
}

/** Hands the rest of a clean-up to {@link Farewells}. One that was left already is whole: what it was made from may be gone since. */
export async function bequeath(deps: BotDeps, remains: Remains): Promise<void> {
  const account = await accountOf(deps, remains);
  if (!account && !remains.purge) return;
  const key = farewellKey(remains.botId, remains.uid);
  const farewell: Farewell = { botId: remains.botId, uid: remains.uid, ...(account ? { account } : {}), purge: remains.purge, untilMs: deps.nowMs() + FAREWELL_MS_MAX };
  await deps.stores.credentials.create(key, sealEnvelope(deps.settings.tokenInstallKey, key, JSON.stringify(farewell)));
}

async function accountOf(deps: BotDeps, remains: Remains): Promise<Farewell['account']> {
  const { telegram, webhook } = remains.draft;
  if (!telegram) return undefined;
  try {
    const secret = await readEnvelope(deps, remains);
    return secret && { token: secret.token, telegramId: telegram.id, commandLanguages: webhook?.commandLanguages ?? [] };
  } catch (err) {
    if (err instanceof UnavailableError) throw err;
    // Of an earlier install key: nobody can say anything with it.
    deps.log.warn({ err, botId: remains.botId }, 'the token of a deleted bot cannot be opened');
    return undefined;
  }
}

/** Tries each farewell, with growing pauses, until Telegram took it, somebody else owns the account, or its day is over. Survives restarts. */
export class Farewells {
  private readonly deps: BotDeps;
  private readonly onError: (error: Error) => void;
  private mirror: WatchedBucket<Envelope> | undefined;
  private readonly waiting = new Map<string, { timer: NodeJS.Timeout; delayMs: number }>();
  private running = Promise.resolve();

  /** `onError` hears of failures of the watch, which starts again by itself. */
  constructor(deps: BotDeps, onError: (error: Error) => void) {
    this.deps = deps;
    this.onError = onError;
  }

  /** For the leader only: it calls Telegram. */
  start(): void {
    this.mirror = new WatchedBucket(this.deps.stores.credentials, { filter: FAREWELL_KEYS, onError: this.onError, onChange: (change) => this.onChange(change) });
  }

  async close(): Promise<void> {
    await this.mirror?.close();
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    await this.running;
  }

  private onChange({ key, entry }: KeyChange<Envelope>): void {
    if (entry && !this.waiting.has(key)) this.schedule(key, 0);
  }

  private schedule(key: string, delayMs: number): void {
    // One after the other: a farewell is never urgent.
    const timer = setTimeout(() => {
      this.running = this.running.then(() => this.run(key));
    }, delayMs);
    this.waiting.set(key, { timer, delayMs });
  }

  private async run(key: string): Promise<void> {
    const { deps } = this;
    try {
      const found = await deps.stores.credentials.get(key);
      if (found) await fulfil(deps, JSON.parse(openEnvelope(deps.settings.tokenInstallKey, key, found.value)) as Farewell);
      if (found) await deps.stores.credentials.delete(key);
      this.waiting.delete(key);
    } catch (err) {
      const delayMs = Math.min(Math.max(FAREWELL_RETRY_MS, 2 * (this.waiting.get(key)?.delayMs ?? 0)), FAREWELL_RETRY_MS_MAX);
      deps.log.warn({ err, key, delayMs }, 'clean-up of a deleted bot failed; it is tried again');
      this.schedule(key, delayMs);
    }
  }
}

/** Throws when it should be tried again; neither part waits for the other. */
async function fulfil(deps: BotDeps, farewell: Farewell): Promise<void> {
  const { botId, untilMs } = farewell;
  if (deps.nowMs() > untilMs) return deps.log.error({ botId }, 'clean-up of a deleted bot given up; its webhook goes when ingress answers 410');
  const parts = await Promise.allSettled([leaveTelegram(deps, farewell), purge(deps, farewell)]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
}

async function leaveTelegram(deps: BotDeps, { botId, uid, account }: Farewell): Promise<void> {
  if (!account) return;
  const { token, telegramId, commandLanguages } = account;
  const holder = (await deps.stores.tokens.get(String(telegramId)))?.value.uid;
  if (holder !== undefined && holder !== uid) return deps.log.info({ botId }, 'another Bot uses the account: nothing to clean up');
  try {
    await removeOwnWebhook(deps, token);
    for (const code of commandLanguages) await deps.telegram.deleteCommands(token, code);
  } catch (error) {
    // A revoked token has no webhook; what Telegram refuses for good cannot be mended here.
    if (!(error instanceof TokenRefusal || error instanceof TelegramRefusal)) throw error;
  }
  deps.log.info({ botId }, 'deleted bot cleaned up at Telegram');
}

/** Not when a later Bot has the name: its chats are stored under the same keys. */
async function purge(deps: BotDeps, { botId, uid, purge: isWanted }: Farewell): Promise<void> {
  const ref = parseBotId(botId);
  if (!isWanted || !ref) return;
  const present = await deps.client.get(typed<Bot>(BOTS), ref);
  if (present && present.metadata.uid !== uid) return deps.log.warn({ botId }, 'a later Bot has the name of a deleted one, and its chats with it');
  await deps.purge(botId);
  deps.log.info({ botId }, 'state of a deleted bot removed');
}
