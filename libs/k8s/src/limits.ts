/** Every bound of this library, with its unit in the name. Options that override one say so. */

/** Objects per page of a list. */
export const LIST_PAGE_SIZE = 500;
/** Pages followed in one list before it is given up: 10 million objects, so only a looping server gets here. */
export const LIST_PAGES_MAX = 20_000;

/** A request without an own `timeoutMs` is aborted after this long, answer body included. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Tries of one idempotent read, the first included. Writes are never repeated here: the work queue does that. */
export const READ_ATTEMPTS_MAX = 4;
export const READ_RETRY_DELAY_MS = 250;
/** A longer Retry-After is cut to this, so that a read stays bounded. */
export const READ_RETRY_DELAY_MS_MAX = 10_000;

/** Sockets to the API server; every watch holds one. */
export const CONNECTIONS_MAX = 128;
export const CONNECT_TIMEOUT_MS = 10_000;
/** Idle connections are few in between bursts. Below kube-apiserver's own idle timeout of 90 s, so that we close first. */
export const KEEP_ALIVE_MS = 5_000;
/** Certificates and CA files are looked at again when older than this. */
export const CREDENTIALS_AGE_MS_MAX = 10_000;
/** A 401 reloads the kubeconfig, at most this often. */
export const CREDENTIALS_RELOAD_INTERVAL_MS_MIN = 1_000;

/**
 * The server ends a watch after a random time between these two, so that watches do not all return at once. So short that a peer that fell silent
 * is noticed within half a minute, which bookmarks (one a minute) cannot tell; going on from the last version costs the server next to nothing.
 */
export const WATCH_TIMEOUT_S_MIN = 15;
export const WATCH_TIMEOUT_S_MAX = 25;
/** A watch that did not end this long after its time is dead, whatever came before. */
export const WATCH_GRACE_MS = 3_000;
/** Without a byte for this long the peer counts as dead, where nothing ends the watch by itself. */
export const WATCH_SILENCE_MS_MAX = 135_000;
/** A watch that ended sooner than this, without an event, counts as failed. */
export const WATCH_DURATION_MS_MIN = 1_000;
/** Failed watches in a row before the reflector lists again instead of going on from its last version. */
export const WATCH_FAILURES_BEFORE_RELIST = 3;
/** One line of a watch: etcd refuses objects above 1.5 MB; JSON and two versions leave room. */
export const WATCH_LINE_BYTES_MAX = 16 * 1024 * 1024;

/** A lease without a sign of life for this long is free; its holder stops writing 5 s earlier. client-go's defaults. */
export const LEASE_DURATION_MS = 15_000;
export const LEASE_RENEW_DEADLINE_MS = 10_000;
/** Pause between renewals. */
export const LEASE_RETRY_MS = 2_000;
/** Pause after a renewal that failed: most refusals are short, and few tries are left. */
export const LEASE_FAILED_RETRY_MS = 500;
/** Pause between looks of a standby: how long a handover takes at most. */
export const LEASE_LOOK_MS = 1_000;
/** One request about the lease. */
export const LEASE_CALL_MS_MAX = 5_000;

export const REFLECTOR_BACKOFF_MS = 800;
export const REFLECTOR_BACKOFF_MS_MAX = 30_000;
/** Without a failure for this long the reflector's backoff starts again at its first step. */
export const REFLECTOR_BACKOFF_RESET_MS = 120_000;

/** Keys of the normal lane after which one of the low lane has its turn. */
export const QUEUE_NORMAL_IN_ROW_MAX = 16;
/** Pause between looks whether keys of the low lane may begin. */
export const QUEUE_GATE_MS = 50;
export const QUEUE_RETRY_DELAY_MS = 5;
export const QUEUE_RETRY_DELAY_MS_MAX = 1_000_000;
/** Up to this share is added to a wait, so that keys that failed together do not all come back together. */
export const QUEUE_RETRY_JITTER = 0.2;

export const RECONCILE_TIMEOUT_MS = 60_000;
export const RECONCILE_CONCURRENCY = 1;
/** stop() waits this long for running reconciles before it aborts them. */
export const CONTROLLER_STOP_MS_MAX = 20_000;

/** Event series kept in memory; the oldest is forgotten first. */
export const EVENT_SERIES_MAX = 1_000;
/** Event writes waiting for the API server; more are dropped and counted. */
export const EVENT_WRITES_PENDING_MAX = 500;
/** A series that goes on is written at most this often. */
export const EVENT_SERIES_WRITE_INTERVAL_MS = 30_000;
/** A series without a new occurrence for this long is closed; the next occurrence is a new Event. */
export const EVENT_SERIES_IDLE_MS = 360_000;
/** New Events about one object: a burst, then one per refill interval. */
export const EVENTS_PER_OBJECT_BURST = 25;
export const EVENTS_PER_OBJECT_REFILL_MS = 30_000;
/** API limits of events.k8s.io/v1. */
export const EVENT_NOTE_BYTES_MAX = 1_024;
export const EVENT_WORD_CHARS_MAX = 128;
/** API limit of metav1.Condition.message. */
export const CONDITION_MESSAGE_CHARS_MAX = 32_768;
