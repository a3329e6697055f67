import type { RouteRecord, TokenSecret } from '@botplane/contracts';
import type { Span } from '@botplane/kit';
import type { StoredUpdate } from '../domain/stored-update.ts';

/** Who serves a bot, as last known. */
export interface Routes {
  find(botId: string): RouteRecord | undefined;
  /** True when a bot that is not found does not exist. */
  isSynced(): boolean;
}

/** Where updates are safe. */
export interface UpdateLog {
  /** Resolves once the update is on disk. Throws AppError `store.full` (nothing stored) or `store.unavailable` (unknown). */
  append(update: StoredUpdate, span?: Span): Promise<'stored' | 'duplicate'>;
}

export interface IngressMetrics {
  accepted(isDuplicate: boolean, tookMs: number): void;
  refused(reason: string): void;
}

/** Routes of bots that are polled. */
export interface PolledRoutes {
  find(botId: string): RouteRecord | undefined;
  all(): Iterable<RouteRecord>;
}

/** Tokens of bots that are polled; undefined while one is not there. Throws when it cannot be opened. */
export interface Tokens {
  find(botId: string): TokenSecret | undefined;
}

export interface PollRequest {
  /** Confirms every update below it; undefined: none. */
  offset: number | undefined;
  allowedUpdates: readonly string[] | undefined;
}

/** What getUpdates came to. `description` never holds the token. */
export type PollAnswer =
  | { kind: 'updates'; updates: readonly { updateId: number; body: Uint8Array }[] }
  /** A webhook is set, or somebody else polls. */
  | { kind: 'conflict'; description: string }
  /** The token is not valid (any more). */
  | { kind: 'refused'; description: string }
  | { kind: 'wait'; forMs: number }
  | { kind: 'failed'; description: string };

/** Telegram's getUpdates as a long poll; never throws. */
export interface UpdatesSource {
  poll(target: TokenSecret, request: PollRequest, signal: AbortSignal): Promise<PollAnswer>;
}

export interface PollLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface PollMetrics extends IngressMetrics {
  polled(outcome: PollAnswer['kind'] | 'store_away'): void;
}
