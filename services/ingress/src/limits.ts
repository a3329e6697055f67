/** Body of a webhook request; Telegram's own updates stay far below. */
export const UPDATE_BYTES_MAX = 512 * 1024;
/** Updates that are being published; more are refused so that Telegram keeps them. */
export const UPDATES_IN_FLIGHT_MAX = 2_048;
/** Of these, of one bot. Telegram opens at most 100 connections for one. */
export const UPDATES_IN_FLIGHT_PER_BOT_MAX = 512;
/** Updates of one bot per second and process unless configured otherwise. */
export const BOT_UPDATES_PER_SECOND_DEFAULT = 5_000;
/** So many seconds' worth may come at once. */
export const BOT_BURST_SECONDS = 2;
/** Bots whose share is remembered. */
export const BOT_SHARES_MAX = 20_000;
/** One try to publish. Telegram waits for about a minute. */
export const PUBLISH_MS_MAX = 2_500;
/** Tries with the same message id. */
export const PUBLISH_ATTEMPTS_MAX = 2;
/** A mirror of the routes that was not confirmed for so long may miss a new bot. */
export const ROUTES_AGE_MS_MAX = 10_000;
/** What Telegram is told to wait. */
export const RETRY_AFTER_SECONDS = 3;
export const RETRY_AFTER_SUSPENDED_SECONDS = 30;
export const RETRY_AFTER_RATE_SECONDS = 1;
/** Bots that one process polls; more wait for another replica. */
export const POLLERS_MAX = 5_000;
/** Updates of one getUpdates, and how long Telegram holds it while there are none. */
export const POLL_UPDATES_MAX = 100;
export const POLL_WAIT_S = 25;
/** No answer to a getUpdates after this: the connection is dead. */
export const POLL_ANSWER_MS_MAX = 40_000;
export const POLL_CONNECT_MS_MAX = 5_000;
/** 100 updates of the largest size we take. */
export const POLL_ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Pause after a conflict, an outage of Telegram, or updates that were not stored; it doubles. */
export const POLL_PAUSE_MS_MIN = 500;
export const POLL_PAUSE_MS_MAX = 15_000;
/** Pause after a token was refused: only a new one helps. Also the longest pause that Telegram may ask for. */
export const POLL_REFUSED_PAUSE_MS = 30_000;
/** How often the ownership of pollers is compared with what is wanted. */
export const SLOT_TICK_MS = 250;
/** Time to listen for others before the first claim. */
export const SLOT_LISTEN_MS = 750;
/** A longer gap between two ticks means that this process was asleep. */
export const SLOT_SLEEP_MS_MIN = 1_500;
/** A living owner has this long to hand a slot over before it is overruled. */
export const SLOT_HANDOVER_MS_MAX = 5_000;
export const SLOTS_CLAIMED_AT_ONCE_MAX = 16;
/** Time from accepting to giving up at shutdown. */
export const DRAIN_MS_MAX = 5_000;
