/** Bounds of the tests on a cluster; patience, not goals, but for the rate. */

/** Updates per second that people cause while the cluster is disturbed. */
export const UPDATES_PER_SECOND = 100;
/** Updates under way at most: people wait with writing when a disturbance holds answers up. */
export const OUTSTANDING_MAX = 1_500;
/** People that write. */
export const CHATS = 600;
/** Updates that one run can count. */
export const UPDATES_MAX = 500_000;
/** Load before and after each disturbance, ms. */
export const CALM_MS = 4_000;
/** Longest time until everything that was written is answered, ms. */
export const SETTLE_MS_MAX = 120_000;
/** Longest time of one rollout, scaling or wait of kubectl, seconds. */
export const ROLLOUT_S_MAX = 240;
/** Pause between the deletions of two pods, ms. */
export const DELETE_EVERY_MS = 5_000;
/** How long pods are deleted in turn, ms: as the project promises, and in the short form. */
export const DELETIONS_MS = { full: 180_000, short: 60_000 } as const;
/** Updates per second of a crowd that no cluster of tests keeps up with, and of the hour after it. */
export const RUSH_PER_SECOND = 5_000;
export const QUIET_PER_SECOND = 10;
/** How often it is looked at what autoscalers do, ms. */
export const SAMPLE_MS = 1_000;
/** Longest time of one such look, ms. */
export const LOOK_MS_MAX = 10_000;
/** Longest time until an autoscaler has its first metric, seconds: it looks every 15 s. */
export const METRICS_S_MAX = 120;
/** Longest time until autoscalers followed, ms. */
export const AUTOSCALED_MS_MAX = 240_000;
/** Longest time of the installation with Helm, ms. */
export const INSTALL_MS_MAX = 900_000;
/** Longest wait for a first connection to a pod before a port of it is forwarded, ms. */
export const CONNECT_MS_MAX = 3_000;
/** Longest time until a forwarded port listens, ms. */
export const FORWARD_MS_MAX = 30_000;
/** Longest time until a connection between pods is answered; later counts as refused, ms. */
export const PROBE_MS_MAX = 2_000;
/** Longest time until a cluster that enforces NetworkPolicies enforces a new one, ms. */
export const ENFORCED_MS_MAX = 15_000;
/** How long a connection that should be refused, or should not, is tried again, ms: a policy may come later than its pod, and a busy machine answers late. */
export const AGREED_MS_MAX = 30_000;
/** How long a helper that a pod was given for probing stays, ms. */
export const HELPER_MS = 600_000;
/** Largest output of one command, bytes. */
export const OUTPUT_BYTES_MAX = 32 * 1024 * 1024;
