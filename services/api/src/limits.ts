/** Entries on one page of a list unless asked otherwise. */
export const PAGE_ITEMS_DEFAULT = 50;
export const PAGE_ITEMS_MAX = 200;
/** Dead letters that one list request looks at; a filter that matches few gets a cursor to go on with. */
export const SCAN_LETTERS_MAX = 2_000;
/** Dead letters read from the stream at a time, and their bytes. */
export const BATCH_LETTERS_MAX = 100;
export const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** A payload above this is left out of lists. */
export const PREVIEW_BYTES_MAX = 4_096;
/** Deeper parts of a payload are masked whole. */
export const MASK_DEPTH_MAX = 32;

/** Dead letters one replay or filtered purge works on before it answers `complete: false`, and its time. */
export const BULK_LETTERS_MAX = 10_000;
export const BULK_MS_MAX = 20_000;
/** Ids in one replay request. */
export const REPLAY_IDS_MAX = 1_000;
/** Refused dead letters that one answer names; all are counted. */
export const REFUSALS_SHOWN_MAX = 100;

/** Body of one request. */
export const BODY_BYTES_MAX = 64 * 1024;
/** Requests of one API key per minute and replica; bursts up to the same number. */
export const KEY_REQUESTS_PER_MINUTE_MAX = 600;
/** Keys whose rate is remembered; the ones quiet for longest are forgotten. */
export const LIMITED_KEYS_MAX = 10_000;

export const KEY_NAME_CHARS_MAX = 100;
/** How long the old key may live on after a rotation: 7 days. */
export const ROTATE_GRACE_SECONDS_MAX = 7 * 24 * 3_600;
/** `last_used_at` is written at most this often. */
export const KEY_USED_INTERVAL_MS = 60_000;

/** How often the depth of the queues is read for the metrics. */
export const DEPTH_REFRESH_MS = 5_000;
/** Connections to Postgres. */
export const POOL_CONNECTIONS_MAX = 5;
/** One check behind /health; slower counts as not connected. */
export const HEALTH_CHECK_MS_MAX = 1_500;
