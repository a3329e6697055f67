import type { Envelope } from '@botplane/contracts';
import { openEnvelope, sealEnvelope } from '@botplane/kit/plain';
import { WatchedBucket } from '@botplane/nats';
import type { KeyChange } from '@botplane/nats';
import { TelegramRefusal, TokenRefusal } from '../../adapters/telegram.ts';
import { FAREWELL_MS_MAX, FAREWELL_RETRY_MS, FAREWELL_RETRY_MS_MAX } from '../../limits.ts';
import { FAREWELL_KEYS, farewellKey } from '../../names.ts';
import type { BotDeps, BotWork } from './observe.ts';
import { readEnvelope } from './token.ts';
import { removeOwnWebhook } from './webhook-owner.ts';

/** What is left to do at Telegram for a Bot whose object is gone. */
interface Farewell {
  botId: string;
  /** Of the Bot: a later one of the same name or token is not touched. */
  uid: string;
  token: string;
  telegramId: number;
  commandLanguages: string[];
  /** Given up after this. */
  untilMs: number;
}

/** Hands the rest of a clean-up to {@link Farewells}, so that the Bot's finalizer can go. Nothing is left when no token was ever accepted. */
export async function bequeath(deps: BotDeps, work: BotWork): Promise<void> {
  const { telegram, webhook } = work.draft;
  const secret = telegram && (await readEnvelope(deps, work));
  if (!secret) return;
  const key = farewellKey(work.botId, work.uid);
  const farewell: Farewell = {
    botId: work.botId, uid: work.uid, token: secret.token, telegramId: telegram.id, commandLanguages: webhook?.commandLanguages ?? [], untilMs: deps.nowMs() + FAREWELL_MS_MAX,
  };
  await deps.stores.credentials.put(key, sealEnvelope(deps.settings.tokenInstallKey, key, JSON.stringify(farewell)));
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
      if (found) await say(deps, JSON.parse(openEnvelope(deps.settings.tokenInstallKey, key, found.value)) as Farewell);
      if (found) await deps.stores.credentials.delete(key);
      this.waiting.delete(key);
    } catch (err) {
      const delayMs = Math.min(Math.max(FAREWELL_RETRY_MS, 2 * (this.waiting.get(key)?.delayMs ?? 0)), FAREWELL_RETRY_MS_MAX);
      deps.log.warn({ err, key, delayMs }, 'clean-up of a deleted bot at Telegram failed; it is tried again');
      this.schedule(key, delayMs);
    }
  }
}

/** Throws when it should be tried again. */
async function say(deps: BotDeps, { botId, uid, token, telegramId, commandLanguages, untilMs }: Farewell): Promise<void> {
  const holder = (await deps.stores.tokens.get(String(telegramId)))?.value.uid;
  if (holder !== undefined && holder !== uid) return deps.log.info({ botId }, 'another Bot uses the account: nothing to clean up');
  if (deps.nowMs() > untilMs) return deps.log.error({ botId }, 'clean-up at Telegram given up; the webhook goes when ingress answers 410');
  try {
    await removeOwnWebhook(deps, token);
    for (const code of commandLanguages) await deps.telegram.deleteCommands(token, code);
  } catch (error) {
    // A revoked token has no webhook; what Telegram refuses for good cannot be mended here.
    if (!(error instanceof TokenRefusal || error instanceof TelegramRefusal)) throw error;
  }
  deps.log.info({ botId }, 'deleted bot cleaned up at Telegram');
}
