/** Failed tries of one call before it goes to the DLQ. */
export const FAILURES_MAX = 3;
/** Pauses after the first and second failure. */
export const RETRY_PAUSES_MS = [500, 2_000] as const;
/** When no connection could be made nothing was sent: tried for so long, with pauses up to the maximum. */
export const UNREACHABLE_MS_MAX = 5 * 60_000;
export const UNREACHABLE_PAUSE_MS_MIN = 500;
export const UNREACHABLE_PAUSE_MS_MAX = 10_000;
/** What a 429 without retry_after means. */
export const RETRY_AFTER_DEFAULT_MS = 1_000;
/** 429s of so many chats of one bot at the same time freeze the whole bot. */
export const FROZEN_CHATS_MAX = 3;
/** Bots and chats whose freezes are remembered. */
export const FREEZES_MAX = 20_000;
/** One call to Telegram, from the request to the whole answer. */
export const CALL_MS_MAX = 60_000;
/** The same for a call that uploads files. */
export const UPLOAD_MS_MAX = 180_000;
/** What Telegram takes in an upload. */
export const UPLOAD_BYTES_MAX = 50 * 1024 * 1024;
export const PHOTO_BYTES_MAX = 10 * 1024 * 1024;
/** Ten media with a thumbnail each. */
export const FILES_PER_CALL_MAX = 20;
/** No answer yet: Telegram needs long for files it fetches itself. */
export const ANSWER_MS_MAX = 50_000;
export const CONNECT_MS_MAX = 5_000;
export const KEEP_ALIVE_MS = 30_000;
/** Connections to one Bot API server. */
export const CONNECTIONS_MAX = 128;
/** Answers of the Bot API are read up to this. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** A call whose bot has no token waits so long for one. */
export const TOKEN_WAIT_MS_MAX = 30_000;
export const TOKEN_POLL_MS = 500;
/** Calls of one bot's bulk and paid lane that are in hand; more stay in the stream and are read when half of these are settled. */
export const BULK_IN_HAND_MAX = 256;
export const PAID_IN_HAND_MAX = 1_024;
/** How often the stream is asked which bots have bulk calls waiting. */
export const BACKLOG_LOOK_MS = 500;
/** One read of waiting bulk calls. */
export const BACKLOG_READ_MS_MAX = 5_000;
/** How often what is settled of a bulk lane is removed from the stream. */
export const BACKLOG_TIDY_MS = 250;
/** Tries of a counter that somebody else wrote meanwhile. */
export const COUNT_TRIES_MAX = 5;
/** Settled calls behind one that waits (its chat is frozen); above this they are removed one by one. */
export const BACKLOG_STRAYS_MAX = 200;
/** A bulk lane whose chats are all busy looks again after this. */
export const BULK_BUSY_MS = 50;
/** Chats of one partition whose sent record is kept in memory. */
export const CHATS_CACHED_MAX = 10_000;
/** Message ids kept per chat for edits; the oldest go first. */
export const REFS_MAX = 256;
/** Sources kept per chat; those whose last call was settled longest ago go first. */
export const SOURCES_MAX = 512;
/** Chat actions and drafts older than this are of no use. */
export const FLEETING_MS_MAX = 10_000;
/** Messages a chat may get at once on the reply lane before it is paced, and the pace. */
export const REPLY_BURST = 30;
export const REPLY_CHAT_PER_SECOND = 1;
/** Bulk and paid lanes, per bot, chat and group. Telegram allows about 30/s per bot. */
export const BULK_BOT_PER_SECOND_DEFAULT = 25;
export const BULK_BOT_PER_SECOND_MAX = 30;
export const PAID_BOT_PER_SECOND = 900;
/** Timers are late: so much of the rate may be caught up. */
export const BULK_BOT_BURST = 2;
export const PAID_BOT_BURST = 20;
export const BULK_CHAT_PER_SECOND = 1;
export const BULK_GROUP_PER_SECOND = 20 / 60;
export const BULK_GROUP_BURST = 20;
/** A store that does not answer is asked again after this. */
export const STORE_PAUSE_MS = 500;
/** How often the process makes sure that it runs. */
export const BEAT_MS = 200;
/** A longer gap means that it was asleep. Others take over after 3 s of silence (libs/nats). */
export const ASLEEP_MS_MIN = 2_000;
/** After an ownership ended, what was sent under it is still recorded for so long. */
export const AFTERLIFE_MS_MAX = 20_000;
/** Content of one kept message: Telegram's own limit. */
export const KEPT_CONTENT_CHARS_MAX = 4_096;
