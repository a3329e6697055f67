/** Lease renewal and the time after which the node counts as lost, as a kubelet has them. */
export const LEASE_RENEW_INTERVAL_MS = 10_000;
export const LEASE_DURATION_S = 40;
/** Pause before a failed registration or renewal is tried again, milliseconds. */
export const RETRY_DELAY_MS = 1_000;
/** The node's status is written again after this time even without a change, milliseconds. */
export const NODE_STATUS_INTERVAL_MS = 60_000;
/** Pods that the node takes. */
export const PODS_MAX = 200;
/** First restart of a container is at once, then after this pause, doubling up to the maximum, milliseconds. */
export const CONTAINER_BACKOFF_MS = 1_000;
export const CONTAINER_BACKOFF_MS_MAX = 60_000;
/** A container that ran this long starts with the short pause again, milliseconds. */
export const CONTAINER_BACKOFF_RESET_MS = 600_000;
/** Until a container is started or ready for the first time it is asked this often, milliseconds. */
export const FIRST_PROBE_INTERVAL_MS = 100;
/** Largest log of one container before it is cut (the older half goes to `.1`), bytes. */
export const CONTAINER_LOG_BYTES_MAX = 10 * 1024 * 1024;
/** Longest line of a log; a longer one is split, bytes. */
export const LOG_LINE_BYTES_MAX = 64 * 1024;
/** Pause between two tries to write a pod's status, milliseconds. */
export const STATUS_RETRY_MS = 500;
/** Pause before missing Secrets and ConfigMaps are looked up again, milliseconds. */
export const CONFIG_RETRY_MS = 2_000;
/** Addresses tried before the pool says that it is empty. */
export const ADDRESSES_MAX = 250 * 254;
/** Time for the last status of a pod to be written when the node stops, milliseconds. */
export const LAST_WRITE_MS = 1_000;
