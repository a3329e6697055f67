/** Bounds of chaos runs. Times are in ms unless the name says otherwise. */

/**
 * Size of a full run (`outstanding`: updates under way, above which people wait with writing), and of a short one (`CHAOS_QUICK=1`, `make test`), which
 * may meet a busy machine: there nothing is said of how soon routes are rebuilt.
 */
export const FULL = { updates: 100_000, chats: 2_000, kills: 20, pauses: 10, hitsPerPoint: 6, poisons: 60, outstanding: 600, rebuildMsMax: 5_000 } as const;
export const QUICK = { updates: 800, chats: 150, kills: 1, pauses: 1, hitsPerPoint: 1, poisons: 2, outstanding: 200, rebuildMsMax: 30_000 } as const;

/** Bots of a run: one per partition of OUTBOUND, so that every delivery process has work. */
export const BOTS = 16;
/** The same per chat: enough for chains, few enough that one stuck chat does not eat the whole load. */
export const OUTSTANDING_PER_CHAT_MAX = 6;
/** Messages that a person writes in a row. */
export const BURST_MAX = 4;
/** Requests to the simulator's control interface at the same time. */
export const SENDERS = 24;
/** Webhook connections per bot. */
export const WEBHOOK_CONNECTIONS = 40;

/** Pause between two looks at a bot's record in the simulator. Its log holds 20,000 calls per bot, one page 1,000. */
export const RECORD_POLL_MS = 150;
/** The same for the log of webhook deliveries, which nobody waits for. */
export const DELIVERIES_POLL_MS = 1_000;
export const RECORD_PAGE = 1_000;

/** Both streams must be settled so long after the last update. */
export const SETTLE_MS_MAX = 60_000;
/** A run whose count of answers does not move for so long is given up. */
export const STALL_MS_MAX = 90_000;
/** Pause between two checks of anything that is waited for. */
export const WAIT_POLL_MS = 50;
/** How long a victim may take to get an unsettled update before its kill is skipped. */
export const VICTIM_WAIT_MS_MAX = 10_000;
/** How long a killed process may take to be ready again. */
export const READY_MS_MAX = 60_000;
/** Pause before a supervisor starts a process that died. */
export const RESTART_MS = 200;

/**
 * A repeated message is explained by a crash when the copy before it arrived this close to it: it was with Telegram, and what was sent
 * was not on record yet. Wider than a call takes under load, far narrower than the time between two crashes of one owner.
 */
export const IN_FLIGHT_MS_BEFORE = 2_500;
export const IN_FLIGHT_MS_AFTER = 500;

/** An answer that came this long before a crash was on record by then, as far as the number of calls in flight is concerned. */
export const ON_RECORD_MS_MAX = 500;

/** SIGSTOP lasts twice the silence after which a member counts as dead (3 s, libs/nats). */
export const PAUSE_MS = 6_000;

/** How long an operator that is deposed stands still: longer than a Lease holds (15 s), and than another takes to look. */
export const DEPOSED_MS = 20_000;

/** Shortened duplicate window of UPDATES, the age of an update when it is sent again inside the window, and how long to wait at most until the window is over for all. */
export const SHORT_WINDOW_MS = 3_000;
export const INSIDE_WINDOW_MS = 300;
export const FORGOTTEN_MS_MAX = 10_000;
/** Share of updates that are sent again. */
export const REDELIVERED_SHARE = 0.05;

/** How long the partitions of a dead owner may be without another; far above the 10 s that a takeover may take on a machine with time to spare. */
export const TAKEOVER_MS_MAX = 30_000;

/** Violations that are printed one by one. */
export const EXAMPLES_MAX = 10;
/** Clocks are the same, but a timer may fire early by some ms. */
export const RETRY_AFTER_SLACK_MS = 20;
