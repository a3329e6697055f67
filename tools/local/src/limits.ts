/** A child that ends is started again after this pause; it doubles up to the maximum, milliseconds. */
export const RESTART_DELAY_MS = 500;
export const RESTART_DELAY_MS_MAX = 15_000;
/** A child that ran this long starts with the short pause again, milliseconds. */
export const RESTART_RESET_MS = 60_000;
/** Starts of one child during `up` before it gives up. */
export const FIRST_STARTS_MAX = 3;
/** Time for a child to become ready after a start, milliseconds. */
export const CHILD_READY_TIMEOUT_MS = 60_000;
/** Time for a child to end after its stop signal before it is killed, milliseconds. */
export const CHILD_STOP_GRACE_MS = 4_000;
/** Time for the supervisor itself to end, milliseconds. */
export const SUPERVISOR_STOP_MS = 14_000;
/** Time for the supervisor to answer on its socket after it was started, milliseconds. */
export const SUPERVISOR_START_MS = 10_000;
/** Bytes of a log file before it is moved to `NAME.log.1` at the next start of its child. */
export const LOG_FILE_BYTES_MAX = 20 * 1024 * 1024;
/** Lines that `logs` shows of each file before it follows. */
export const LOG_LINES_SHOWN = 100;
/** Pause between two looks at a followed log file, milliseconds. */
export const LOG_FOLLOW_POLL_MS = 300;
/** Time for the sample bot to become Ready, seconds. */
export const SAMPLE_READY_TIMEOUT_S = 90;
/** Longest path of a Unix socket that Linux takes, bytes. */
export const SOCKET_PATH_BYTES_MAX = 100;
