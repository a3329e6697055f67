/** How long `status --wait` waits. */
export const STATUS_WAIT_S_DEFAULT = 300;
/** A wait looks again after this when nothing was heard. */
export const STATUS_POLL_MS = 10_000;
/** Changes that come together are drawn once. */
export const REDRAW_MS_MIN = 150;
/** How long the first list of a watch may take. */
export const SYNC_MS_MAX = 15_000;
/** Lines that `logs` reads back per pod when nothing else is asked for. */
export const LOG_TAIL_LINES = 2_000;
/** Pods whose logs are followed at once. */
export const LOG_PODS_MAX = 32;
/** Differences of one flow that are listed one by one. */
export const DIFFERENCES_PER_FLOW_MAX = 40;
/** Length of a value in a difference. */
export const DIFFERENCE_CHARS_MAX = 80;
/** Attempts to write when the object changed in between. */
export const WRITE_TRIES_MAX = 5;
