import { LIMITS } from '@botplane/botspec';

/** Every bound of the operator, with its unit in the name. */

/** An inline BotSpec as canonical JSON; larger ones would strain etcd (kubectl keeps a copy in an annotation). */
export const INLINE_SPEC_BYTES_MAX = 200 * 1024;
/** A revision whose ConfigMap is gone, or holds other content, is looked at again after this. */
export const CONFIG_MAP_RECHECK_MS = 30_000;
/** A bundle, as it lies in the object store; the same as the language's. */
export const BUNDLE_BYTES_MAX = LIMITS.bundleBytesMax;
/** A bundle that is not in the object store, or is not what its name says, is looked for again after this. */
export const BUNDLE_RECHECK_MS = 5_000;
/** Digests of ConfigMaps kept in memory. */
export const CONFIG_MAP_DIGESTS_MAX = 10_000;
/** bot.js: engine and program. */
export const CODE_BYTES_MAX = 4 * 1024 * 1024;
/** One compile in the worker thread; a longer one is given up and its thread replaced. */
export const COMPILE_MS_MAX = 15_000;
/** Heap of the compiler's thread. */
export const COMPILER_MEMORY_MIB_MAX = 256;
/** Of that, what is new: a compile leaves much behind that nobody needs, which is found sooner in a small space. */
export const COMPILER_YOUNG_MIB_MAX = 6;
/** Compile errors that a condition's message shows. */
export const COMPILE_ERRORS_SHOWN_MAX = 10;
/** Message of a condition made from errors. */
export const CONDITION_MESSAGE_CHARS_MAX = 4_000;

/** How long kube-apiserver waits for the webhook; then it lets the object through. Longer than a compile of the largest inline spec by far. */
export const ADMISSION_TIMEOUT_S = 10;
/** Reading one request of kube-apiserver. */
export const ADMISSION_REQUEST_MS_MAX = 10_000;
/** An AdmissionReview: both versions of one object, each within etcd's 1.5 MiB. */
export const ADMISSION_BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Reading a ConfigMap or a bundle for a review; what takes longer is let through with a warning. */
export const ADMISSION_SOURCE_MS_MAX = 3_000;
/** Warnings of one answer and the length of each; kube-apiserver cuts off beyond 256 characters each and 4 096 in all. */
export const ADMISSION_WARNINGS_MAX = 12;
export const ADMISSION_WARNING_CHARS_MAX = 256;
/** The certificate's life, and how much of it is left when it is renewed. */
export const ADMISSION_CERTIFICATE_DAYS = 365;
export const ADMISSION_CERTIFICATE_DAYS_LEFT_MIN = 60;
/** How often certificate and registration are looked at, and the pause after a failure. */
export const ADMISSION_CERTIFICATE_CHECK_MS = 3_600_000;
/** How often it is looked at when the certificates of TLS end. */
export const CERTIFICATE_CHECK_MS = 600_000;
export const ADMISSION_RETRY_MS = 5_000;

/** One call to the Bot API. */
export const TELEGRAM_CALL_MS_MAX = 10_000;
/** Loading code into a runtime pod. */
export const LOAD_MS_MAX = 10_000;
/** One step of a probe. */
export const PROBE_MS_MAX = 5_000;
/** How often a runtime pod is asked for what it has in quarantine, and how long one that does not answer is left alone at most. */
export const QUARANTINE_POLL_MS = 2_000;
export const QUARANTINE_POLL_MS_MAX = 60_000;
/** One such question. */
export const QUARANTINE_CALL_MS_MAX = 2_000;
/** Questions at once. */
export const QUARANTINE_CALLS_MAX = 16;
/** Requests (apiCall) of a probed update that are answered with a stub; the language allows 2 per update. */
export const PROBE_REQUESTS_MAX = 4;
/** Pods tried for one load before the attempt counts as failed. */
export const LOAD_PODS_TRIED_MAX = 3;
/** Connections to runtime pods that are kept open. */
export const RUNTIME_CONNECTIONS_MAX = 64;

/** Defaults of spec.sunset and spec.rollout.rollbackWindow, as the schema has them. */
export const SCALEDOWN_DELAY = '1h';
export const DELETE_DELAY = '168h';
export const ROLLBACK_WINDOW = '1h';
/** Entries of status.failedRevisions: more than the revisions that are kept (revisionHistoryLimit is at most 100), so that none of those is chosen again. */
export const FAILED_REVISIONS_MAX = 128;
/** Of these the ones that are told in full, and what is told of each of the others. */
export const FAILURES_TOLD_MAX = 10;
export const FAILURE_BRIEF_BYTES_MAX = 500;
/** Entries of status.served. */
export const SERVED_MAX = 10;
/** What is told of the annotations of a failed revision. */
export const ORIGIN_ANNOTATIONS_MAX = 5;
export const ORIGIN_VALUE_CHARS_MAX = 200;
export const ORIGIN_BYTES_MAX = 400;
/** What status keeps of why a revision failed. */
export const FAILURE_BYTES_MAX = 2_000;
/** Note of an Event; Kubernetes takes no longer one. */
export const EVENT_NOTE_BYTES_MAX = 1_024;
/** A decision whose route could not be written is looked at again after this. */
export const ROUTE_RECHECK_MS = 1_000;
/** Superseded revisions in one route. */
export const SUPERSEDED_MAX = 10;

/** What is left to do at Telegram after a finalizer was released is tried for this long (Telegram drops waiting updates after as much). */
export const FAREWELL_MS_MAX = 24 * 3_600_000;
/** Pause after a failed try; doubles up to the maximum. */
export const FAREWELL_RETRY_MS = 5_000;
export const FAREWELL_RETRY_MS_MAX = 600_000;
/** A deleted Bot whose route is buried already is kept this many times as long while NATS is away: no route names it to the next operator. */
export const BURIED_CLEANUP_TIMES = 20;
/** Pause between tries of the clean-up. */
export const CLEANUP_RETRY_MS = 2_000;

/** Wait after a key's first failure; doubles up to the maximum, so that recovery is never far. */
export const RETRY_DELAY_MS = 20;
export const RETRY_DELAY_MS_MAX = 15_000;
/** What another Bot or a person must mend outside the cluster's sight is looked at again after this. */
export const RECHECK_MS = 60_000;
/** A revision that is to be collected by its age is looked at again after this, or sooner. */
export const COLLECT_RECHECK_MS_MAX = 3_600_000;

/** livez fails when a leader this long after its last renewal still runs, though it should have ended itself. */
export const LEASE_AGE_MS_MAX = 15_000;
/** livez fails when the event loop was blocked for this long. */
export const EVENT_LOOP_DELAY_MS_MAX = 5_000;
/**
 * A block is told to whoever asks livez within this time: longer than the period of the kubelet's probe, so that another reader hides nothing from it, and
 * shorter than the three periods after which it restarts, so that one block alone is forgiven.
 */
export const EVENT_LOOP_BLOCK_TOLD_MS = 15_000;
/** What a leader that was told to end gives its running reconciles, and its waiting Events, before the next one may lead. */
export const HANDOVER_GRACE_MS = 1_000;
/** How often the ages of running reconciles are published, so that a stuck one is seen. */
export const QUEUE_GAUGES_MS = 5_000;

/** Labels of a namespace that a BotRuntime's selector asked for are believed this long. */
export const NAMESPACE_LABELS_MS_MAX = 15_000;
/** Namespaces whose labels are remembered. */
export const NAMESPACES_REMEMBERED_MAX = 10_000;
/** How often the children of a BotRuntime that are not watched are looked at: what somebody changed there is put back within this. */
export const RUNTIME_CHILDREN_CHECK_MS = 60_000;
/** Progress of a Bot is written when it takes longer than this: most of what happens to a Bot is over before. */
export const PROGRESS_QUIET_MS = 2_000;
/** Bots that were begun and whose progress is held back, beyond which no new one is begun: what they wait for would only take longer. */
export const BOTS_UNDERWAY_MAX = 16;
/** Bots whose progress is held back. */
export const PROGRESS_BOTS_MAX = 10_000;
/** Bots of which it is remembered since when their rollout stands still. */
export const ROLLOUT_CLOCKS_MAX = 10_000;
/** What Telegram says about a token counts for this long. */
export const IDENTITY_MS_MAX = 5_000;
export const IDENTITIES_MAX = 10_000;

/** Reconciles at once, per kind. */
export const BOT_CONCURRENCY = 8;
export const REVISION_CONCURRENCY = 8;
export const RUNTIME_CONCURRENCY = 4;

/** Passports (rev.json) kept in memory. */
export const PASSPORTS_MAX = 500;
/** Objects remembered until the cache has caught up with our own writes. */
export const FRESH_OBJECTS_MAX = 10_000;

/** Records of chat-state that are read at once and per look, while it is searched for conversations of a superseded revision; searches remembered. */
export const CONVERSATIONS_BATCH = 250;
export const CONVERSATIONS_PER_LOOK_MAX = 2_000;
export const CONVERSATION_SEARCHES_MAX = 10_000;
/** How often that is looked at, and how long executors may take to see a new route: before that nothing counts as drained. */
export const DRAIN_LOOK_MS = 5_000;
export const DRAIN_GRACE_MS = 15_000;
/** How often bundles are looked at that nothing names, and how old those must be that are removed. */
export const BUNDLE_SWEEP_MS = 3_600_000;
export const BUNDLE_UNUSED_MS_MIN = 7 * 24 * 3_600_000;
/** Revisions whose counts are summed up in memory. */
export const STATS_REVISIONS_MAX = 20_000;
/** One query to Prometheus, and its answer. */
export const PROMETHEUS_MS_MAX = 5_000;
export const PROMETHEUS_ANSWER_BYTES_MAX = 64 * 1024;
