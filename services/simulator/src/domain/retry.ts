import {
  WEBHOOK_RETRY_AFTER_MS_MAX, WEBHOOK_RETRY_MS, WEBHOOK_RETRY_MS_MAX, WEBHOOK_RETRY_MS_MIN_OF_MAX,
} from '../limits.ts';

/**
 * How long Telegram waits before it sends an update again: not at all after the first failure, then 2 s, 4 s, 8 s up to
 * a random minute or two. A Retry-After of the webhook replaces it.
 *
 * @param failures failures so far, at least 1
 * @param random between 0 and 1
 */
export function retryDelayMs(failures: number, retryAfterMs: number, random: number): number {
  if (retryAfterMs > 0) return Math.min(retryAfterMs, WEBHOOK_RETRY_AFTER_MS_MAX);
  if (failures <= 1) return 0;
  const cap = WEBHOOK_RETRY_MS_MIN_OF_MAX + random * (WEBHOOK_RETRY_MS_MAX - WEBHOOK_RETRY_MS_MIN_OF_MAX);
  return Math.min(cap, WEBHOOK_RETRY_MS * 2 ** (failures - 1));
}

/** Milliseconds of a Retry-After header, as seconds or as a date; 0 when there is none or it makes no sense. */
export function parseRetryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMs);
}
