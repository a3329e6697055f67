/** Body of a webhook request; Telegram's own updates stay far below. */
export const UPDATE_BYTES_MAX = 512 * 1024;
/** Updates that are being published; more are refused so that Telegram keeps them. */
export const UPDATES_IN_FLIGHT_MAX = 2_048;
/** One try to publish. Telegram waits for about a minute. */
export const PUBLISH_MS_MAX = 2_500;
/** Tries with the same message id. */
export const PUBLISH_ATTEMPTS_MAX = 2;
/** A mirror of the routes that was not confirmed for so long may miss a new bot. */
export const ROUTES_AGE_MS_MAX = 10_000;
/** What Telegram is told to wait. */
export const RETRY_AFTER_SECONDS = 3;
export const RETRY_AFTER_SUSPENDED_SECONDS = 30;
/** Time from accepting to giving up at shutdown. */
export const DRAIN_MS_MAX = 5_000;
