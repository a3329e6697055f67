/** How long a server may take to answer its first readiness check, milliseconds. */
export const READY_TIMEOUT_MS = 60_000;
/** Pause between two readiness checks, milliseconds. */
export const READY_POLL_MS = 25;
/** One readiness check must answer within this time, milliseconds. */
export const READY_CHECK_TIMEOUT_MS = 2_000;
/** How long a server may take to end after its stop signal before it is killed, milliseconds. */
export const STOP_GRACE_MS = 8_000;
/** Starts tried when another process took the picked port in between. */
export const START_ATTEMPTS_MAX = 3;
/** Bytes of a server's log that an error message quotes. */
export const LOG_TAIL_BYTES = 2_000;
/** Ports are picked below the ephemeral range, so no outgoing connection can hold one. */
export const PORT_MIN = 20_000;
export const PORT_MAX = 32_000;
/** Random ports tried before giving up. */
export const PORT_ATTEMPTS_MAX = 100;

/** Starts of PostgreSQL after it was killed, and the pause between them. */
export const POSTGRES_STARTS_MAX = 10;
export const POSTGRES_START_PAUSE_MS = 200;
