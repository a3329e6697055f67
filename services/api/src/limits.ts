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

/** The lag is asked of the broker at most once in this time; whoever asks sooner gets the last answer. */
export const LAG_CACHE_MS = 1_000;
/** Autoscalers get the mean of what was seen in this time, which is as often as a HorizontalPodAutoscaler looks. */
export const LAG_MEAN_MS = 15_000;
/** How often depth of the queues and lag are read for the metrics. */
export const DEPTH_REFRESH_MS = 5_000;
/** Connections to Postgres. */
export const POOL_CONNECTIONS_MAX = 5;
/** One check behind /health; slower counts as not connected. */
export const HEALTH_CHECK_MS_MAX = 1_500;

/** Messages written in one statement. */
export const WRITE_BATCH_MAX = 500;
/** A batch that is not full waits so long for more messages. */
export const WRITE_LINGER_MS = 100;
/** Deliveries after which a message that the database refuses goes to the dead letters. */
export const WRITE_TRIES_MAX = 3;
/** A message whose writer died comes to another one after this. */
export const WRITE_ACK_WAIT_MS = 90_000;
/** One transaction of the writer, and how long it waits for a connection. */
export const WRITE_MS_MAX = 20_000;
export const WRITE_WAIT_MS_MAX = 5_000;
/** Oldest message that any bot keeps: the longest retention of the language, 30 days. */
export const MESSAGE_AGE_MS_MAX = 30 * 24 * 3_600_000;
/** A message from further ahead has a wrong time. */
export const MESSAGE_AHEAD_MS_MAX = 2 * 24 * 3_600_000;
/** Partitions are made so far ahead. */
export const MONTHS_AHEAD_MS = 45 * 24 * 3_600_000;
/** Rows deleted by one statement, and statements of one round of the retention job. */
export const DELETE_ROWS_MAX = 5_000;
export const TIDY_BATCHES_MAX = 200;
/** The retention job runs so often, and so soon again after a round that had more to do or failed. */
export const TIDY_INTERVAL_MS = 10 * 60_000;
export const TIDY_AGAIN_MS = 15_000;
/** Changes of the partitions wait so long for the table, so that they hold up nobody. */
export const TABLE_LOCK_MS_MAX = 2_000;
/** Erasures are remembered longer than a message can be on its way (7 days in the stream, then dead letters). */
export const ERASURE_KEPT_MS = 60 * 24 * 3_600_000;
/** How often the waiting messages are counted for the metrics. */
export const LAG_REFRESH_MS = 5_000;
/** Campaigns that are kept, over all bots; those that are over count until they are deleted. */
export const CAMPAIGNS_MAX = 1_000;
/** Chats of one audience. */
export const AUDIENCE_CHATS_MAX = 100_000;
/** Chats that one request may name: what its body has room for. */
export const AUDIENCE_NAMED_CHATS_MAX = 4_000;
export const CAMPAIGN_NAME_CHARS_MAX = 100;
/** How often running campaigns are looked at. */
export const CAMPAIGN_TICK_MS = 500;
/** Calls of a bot in the bulk lane above which a campaign queues none: what the lane sends in under two seconds. */
export const CAMPAIGN_WAITING_MAX = 45;
/** A process that leads a campaign and is not heard of for so long is replaced. */
export const CAMPAIGN_LEASE_MS = 4_000;
/** Tries of a change of state while others change it too. */
export const CHANGE_TRIES_MAX = 5;
