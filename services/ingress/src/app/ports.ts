import type { RouteRecord } from '@botplane/contracts';
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
  append(update: StoredUpdate): Promise<'stored' | 'duplicate'>;
}

export interface IngressMetrics {
  accepted(isDuplicate: boolean, tookMs: number): void;
  refused(reason: string): void;
}
