/** Longest time until one process of the node answers, milliseconds; far above what a busy machine needs. */
export const READY_MS_MAX = 90_000;
/** Longest time from the start of the kubelet until the node takes pods, seconds. */
export const NODE_READY_S_MAX = 120;
/** How long a process may take to end before it is killed, milliseconds. */
export const STOP_GRACE_MS = 5_000;
/** Longest time for pods to end by themselves before the node goes down, seconds. */
export const PODS_END_S_MAX = 45;
/** Longest time of one command (iptables, ip, ctr), milliseconds: an import of a large image on a busy disk. */
export const COMMAND_MS_MAX = 300_000;
/** Longest time of one installation with apt, milliseconds. */
export const APT_MS_MAX = 600_000;
/** Largest output of a command that is read, bytes. */
export const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** Bytes of a log that an error shows. */
export const LOG_TAIL_BYTES = 2_000;
