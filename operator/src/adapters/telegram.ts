import { sha256Hex } from '@botplane/domain';
import { Api, GrammyError, HttpError } from 'grammy';
import { IDENTITIES_MAX, IDENTITY_MS_MAX, TELEGRAM_CALL_MS_MAX } from '../limits.ts';
import { AwayError } from '../outcome.ts';
import { Reasons } from '../reasons.ts';

/** What Telegram says about a token. */
export type Identity = { kind: 'accepted'; id: number; username: string } | { kind: 'rejected' };

/** Telegram refused a call for good: its answer to the same call would be the same. */
export class TelegramRefusal extends Error {
  override readonly name = 'TelegramRefusal';
}

/** The token is not valid, or not any more. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal';
}

export interface WebhookSettings {
  url: string;
  secretToken: string;
  allowedUpdates: readonly string[];
}

export interface CommandList {
  languageCode?: string;
  commands: { command: string; description: string }[];
}

/**
 * The calls of the Bot API that the operator makes. They throw AwayError (network, 5xx, 429: try again), TokenRefusal, TelegramRefusal.
 * No message ever holds the token.
 */
export class Telegram {
  private readonly apiRoot: string;
  private readonly beforeCall: () => void;
  /** By hash of the token. */
  private readonly accepted = new Map<string, { identity: Identity; atMs: number }>();

  /** `beforeCall` is asked right before each call; what it throws refuses the call. */
  constructor(apiRoot: string, beforeCall: () => void = () => undefined) {
    this.apiRoot = apiRoot;
    this.beforeCall = beforeCall;
  }

  /** An account that was accepted a moment ago is not asked for again. */
  async identify(token: string): Promise<Identity> {
    const key = sha256Hex(token);
    const known = this.accepted.get(key);
    if (known && performance.now() - known.atMs < IDENTITY_MS_MAX) return known.identity;
    try {
      const me = await this.call('getMe', (api) => api.getMe(), token);
      const identity = { kind: 'accepted', id: me.id, username: me.username } as const;
      this.remember(key, identity);
      return identity;
    } catch (error) {
      if (error instanceof TokenRefusal) return { kind: 'rejected' };
      throw error;
    }
  }

  private remember(key: string, identity: Identity): void {
    this.accepted.delete(key);
    this.accepted.set(key, { identity, atMs: performance.now() });
    const oldest = this.accepted.keys().next().value;
    if (this.accepted.size > IDENTITIES_MAX && oldest !== undefined) this.accepted.delete(oldest);
  }

  async setWebhook(token: string, { url, secretToken, allowedUpdates }: WebhookSettings): Promise<void> {
    await this.call('setWebhook', (api) => api.setWebhook(url, { secret_token: secretToken, allowed_updates: allowedUpdates as never }), token);
  }

  /** Address of the present webhook; empty when there is none. */
  async webhookUrl(token: string): Promise<string> {
    return (await this.call('getWebhookInfo', (api) => api.getWebhookInfo(), token)).url ?? '';
  }

  /** Removes the webhook; updates that wait at Telegram are kept. */
  async deleteWebhook(token: string): Promise<void> {
    await this.call('deleteWebhook', (api) => api.deleteWebhook(), token);
  }

  async setCommands(token: string, { commands, languageCode }: CommandList): Promise<void> {
    await this.call('setMyCommands', (api) => api.setMyCommands(commands, language(languageCode)), token);
  }

  async deleteCommands(token: string, languageCode: string | undefined): Promise<void> {
    await this.call('deleteMyCommands', (api) => api.deleteMyCommands(language(languageCode)), token);
  }

  private async call<T>(method: string, run: (api: Api) => Promise<T>, token: string): Promise<T> {
    this.beforeCall();
    const api = new Api(token, { apiRoot: this.apiRoot, timeoutSeconds: TELEGRAM_CALL_MS_MAX / 1_000 });
    try {
      return await run(api);
    } catch (error) {
      throw translate(method, error);
    }
  }
}

const language = (code: string | undefined): { language_code?: never } => (code === undefined || code === '' ? {} : { language_code: code as never });

function translate(method: string, error: unknown): Error {
  if (error instanceof GrammyError) {
    const { error_code: code, description, parameters } = error;
    if (code === 429) return new AwayError(Reasons.TelegramAway, `Telegram asks to wait before ${method}`, { retryAfterMs: (parameters.retry_after ?? 1) * 1_000 });
    if (code >= 500) return new AwayError(Reasons.TelegramAway, `Telegram failed at ${method} (${code}); trying again`);
    // 404 is Telegram's answer to a token whose form it does not even look up.
    if (code === 401 || (code === 404 && method === 'getMe')) return new TokenRefusal(`Telegram refused the token (${code} ${description})`);
    return new TelegramRefusal(`Telegram refused ${method}: ${description}`);
  }
  // The cause of an HttpError can hold the URL, and with it the token: it is left out.
  const what = error instanceof HttpError ? 'does not answer' : 'could not be called';
  return new AwayError(Reasons.TelegramAway, `Telegram ${what} (${method}); trying again`);
}
