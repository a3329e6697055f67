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
/** Free memory and disk without which no node is brought up, bytes. */
export const MEMORY_BYTES_MIN = 4e9;
export const DISK_BYTES_MIN = 8e9;
/** Longest time of one question to the kernel, milliseconds. */
export const PROBE_MS_MAX = 20_000;
/** Longest time to build all images, and to hand one to the node, milliseconds. */
export const IMAGES_MS_MAX = 900_000;
/** Longest time of one `helm upgrade --install`, and from then until everything is Ready, seconds. */
export const INSTALL_S_MAX = 300;
/** Longest time until each part of KEDA is available, seconds. */
export const KEDA_READY_S_MAX = 240;
/** Longest time of `helm test`, seconds. */
export const HELM_TEST_S_MAX = 240;
/** Longest time to build kubelet, kube-proxy, CoreDNS and metrics-server for a test run, milliseconds. */
export const TOOLS_MS_MAX = 600_000;
/** Longest time until the node of a test run is up, milliseconds. */
export const UP_MS_MAX = 600_000;
