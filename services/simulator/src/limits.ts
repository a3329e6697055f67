/** Every bound of the simulator. Telegram's own limits and the bounds of its memory. */

/** UTF-16 units of a message text after entities were parsed. */
export const TEXT_LENGTH_MAX = 4096;
/** UTF-16 units of a media caption. */
export const CAPTION_LENGTH_MAX = 1024;
/** UTF-16 units of an answer to a callback query. */
export const CALLBACK_ANSWER_LENGTH_MAX = 200;
/** UTF-8 bytes of a button's callback_data. */
export const CALLBACK_DATA_BYTES_MAX = 64;
/** Entities of one message; the rest is cut off, as Telegram does. */
export const ENTITIES_MAX = 100;
/** A poll: its options, and UTF-16 units of each and of the question. */
export const POLL_OPTIONS_MAX = 12;
export const POLL_OPTION_LENGTH_MAX = 100;
export const POLL_QUESTION_LENGTH_MAX = 300;
/** Stickers of one set. */
export const STICKERS_PER_SET_MAX = 120;
/** Buttons of one keyboard. */
export const KEYBOARD_BUTTONS_MAX = 300;
/** Characters of a chat's title and description. */
export const CHAT_TITLE_LENGTH_MAX = 128;
export const CHAT_DESCRIPTION_LENGTH_MAX = 255;
/** Pinned messages of one chat; the oldest pins go first. */
export const PINNED_PER_CHAT_MAX = 100;
/** Bytes of a file that a bot may download. */
export const DOWNLOAD_BYTES_MAX = 20 * 1024 * 1024;
/** Commands per scope and language. */
export const COMMANDS_MAX = 100;
/** Characters of a webhook's secret token. */
export const SECRET_TOKEN_LENGTH_MAX = 256;
/** Characters of a webhook's address. */
export const WEBHOOK_URL_LENGTH_MAX = 2048;
/** Webhook connections when setWebhook names none, and the most it may name. */
export const WEBHOOK_CONNECTIONS_DEFAULT = 40;
export const WEBHOOK_CONNECTIONS_MAX = 100;
/** How long a webhook may take to answer. */
export const WEBHOOK_TIMEOUT_MS = 60_000;
/** Bytes of a webhook's answer that are read; a longer one carries no method call. */
export const WEBHOOK_ANSWER_BYTES_MAX = 1024 * 1024;
/** First delay between two tries; it doubles up to a random value between the next two. */
export const WEBHOOK_RETRY_MS = 1_000;
export const WEBHOOK_RETRY_MS_MIN_OF_MAX = 60_000;
export const WEBHOOK_RETRY_MS_MAX = 120_000;
/** The longest Retry-After of a webhook that is honoured. */
export const WEBHOOK_RETRY_AFTER_MS_MAX = 3_600_000;
/** Telegram keeps an update for a day. */
export const UPDATE_AGE_MS_MAX = 24 * 3_600_000;
/** A callback query may be answered for this long. */
export const CALLBACK_QUERY_AGE_MS_MAX = 10 * 60_000;

/** How long each kind of query may be answered. */
export const QUERY_AGE_MS_MAX = { pre_checkout_query: 10_000, shipping_query: 10_000, inline_query: 30_000, chat_join_request: 10_000 } as const;
/** Updates of one answer of getUpdates. */
export const POLL_UPDATES_MAX = 100;
/** The longest wait of getUpdates. */
export const POLL_WAIT_S_MAX = 50;
/** A bot counts as listening for so long after getUpdates. */
export const POLL_LIVE_MS = 60_000;
/** How long a person who pays waits for the bot. */
export const PAY_WAIT_S_DEFAULT = 10;

/** Bots of one simulator. */
export const BOTS_MAX = 2_000;
/** Chats of one bot. */
export const CHATS_PER_BOT_MAX = 20_000;
/** Users of one bot whose names are remembered. */
export const USERS_PER_BOT_MAX = 20_000;
/** Messages kept per chat and per bot; the oldest go first. */
export const MESSAGES_PER_CHAT_MAX = 5_000;
export const MESSAGES_PER_BOT_MAX = 20_000;
/** Updates kept per bot that wait for a webhook; then the control answers 409. */
export const PENDING_PER_BOT_MAX = 100_000;
/** Settled updates kept per bot for redelivery and for the playground's drawer. */
export const SETTLED_PER_BOT_MAX = 5_000;
/** Callback queries kept per bot. */
export const CALLBACK_QUERIES_PER_BOT_MAX = 5_000;
/** Queries that wait for an answer, and invoices, each per bot. */
export const OPEN_QUERIES_PER_BOT_MAX = 5_000;
export const INVOICES_PER_BOT_MAX = 5_000;

/** Entries on each shelf of a bot: what it keeps besides chats, messages and updates. The oldest make room. */
export const SHELF_ENTRIES_MAX = {
  poll: 2_000, invite_link: 5_000, topic: 5_000, text: 1_000, menu_button: 5_000, admin_rights: 2, reaction: 10_000, star_transaction: 5_000, charge: 5_000,
  sticker_set: 200, join_request: 5_000, inline_message: 5_000, game_score: 5_000, profile_photos: 1_000, file: 200,
} as const;
/** Entries kept in each of a bot's logs: calls, events, deliveries. */
export const LOG_ENTRIES_PER_BOT_MAX = 20_000;
/** Characters of one parameter that the log of calls keeps; the rest is left out. */
export const CALL_PARAM_CHARS_KEPT_MAX = 65_536;
/** Entries of one answer of a log; the caller asks again with `after`. */
export const LOG_PAGE_MAX = 1_000;
/** Uploaded and generated files kept per bot. */
export const FILES_PER_BOT_MAX = SHELF_ENTRIES_MAX.file;
/** Bytes of all bots' files together where there is no state folder; the oldest go first. */
export const FILE_BYTES_IN_MEMORY_MAX = 256 * 1024 * 1024;
/** Faults that wait to happen. */
export const FAULTS_MAX = 1_000;
/** Groups and users that the playground lists with a chat; the newest of them. */
export const PLAYGROUND_CHATS_MAX = 200;
export const PLAYGROUND_USERS_MAX = 200;
/** Messages of one page of the playground. */
export const PLAYGROUND_PAGE_MAX = 500;
/** Open long polls of one bot; above it they answer at once. */
export const WAITERS_PER_BOT_MAX = 5_000;
/** The longest wait of a long poll. */
export const WAIT_S_MAX = 30;
/** How long a `timeout` fault keeps the caller waiting when it names no delay. */
export const FAULT_TIMEOUT_MS = 60_000;
/** The longest delay of a fault. */
export const FAULT_DELAY_MS_MAX = 600_000;

/** Bytes of one control call; files travel in it as base64. */
export const CONTROL_BODY_BYTES_MAX = 16 * 1024 * 1024;
/** Idle connections are closed after this long. */
export const HTTP_KEEP_ALIVE_MS = 78_000;
/** Characters of one part of a path: tokens may be longer than Fastify's default of 100. */
export const HTTP_PARAM_CHARS_MAX = 1_024;
/** Bytes of one call of the Bot API, uploads included. */
export const UPLOAD_BYTES_MAX = 50 * 1024 * 1024;
/** Bytes of one uploaded file that are kept. */
export const FILE_BYTES_KEPT_MAX = 8 * 1024 * 1024;

/** Changes are written to the state folder after at most this time. */
export const JOURNAL_FLUSH_MS = 100;
/** A bot's journal is rewritten as one snapshot beyond this size, or twice its last snapshot if that is more. */
export const JOURNAL_BYTES_MAX = 16 * 1024 * 1024;
/** A snapshot is written in pieces of about this size. */
export const SNAPSHOT_BATCH_CHARS = 256 * 1024;
/** Ids that are skipped after a kill, since those given in the last moments may not be on disk. */
export const IDS_SKIPPED_AFTER_KILL = 1_000;
/** Long polls have this long to be answered at shutdown before their connections are closed. */
export const LONG_POLL_GRACE_MS = 500;
/** Grace for requests under way at shutdown, of webhooks and of those who call. */
export const SHUTDOWN_GRACE_MS = 1_000;
