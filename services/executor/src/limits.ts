/** Bounds of the executor. Times are in ms. */
export const LIMITS = {
  /** Updates worked on at the same time by one process unless configured otherwise. */
  runningMax: 512,
  /** Of these, for one bot; with its updates that wait for an API. */
  runningPerBotMax: 64,
  /** Updates of all bots that wait for an API and so hold no place. */
  awayMax: 1_024,
  /** Updates of one bot worked on after they waited for an API, unless other bots have more at work: what comes back in a crowd takes turns with them. */
  returnedPerBotMax: 4,
  /** And it comes back over this share of the time it was away, and over so long at most: 64 calls that timed out after 5 s in one instant, one every 20 ms. */
  returnsSpread: 0.25,
  returnsSpreadMsMax: 1_250,
  /** A partition that goes to another executor waits so long for what runs. A call of an API that takes longer is made again by the next owner, with the same Idempotency-Key. */
  releaseMsMax: 3_000,

  /** Newer messages that are asked whether they take the place of one; with more, the newest of them. */
  rivalsLookedAtMax: 8,

  /** update_ids a record remembers. */
  updateIdsMax: 64,
  outboxEntriesMax: 32,
  outboxBytesMax: 256 * 1024,
  /** State of one state key; above what a BotSpec may hold (64 KB), with room for the conversation. */
  stateBytesMax: 128 * 1024,
  effectsMax: 20,
  /** Personal texts that a guest may name, and their characters; one that has more says null. */
  personalTextsMax: 100,
  personalCharsMax: 8_192,
  /** Content of one kept message: Telegram's own limit. */
  keptContentCharsMax: 4_096,
  /** A date of Telegram may be so far ahead of this clock. */
  keptDateAheadMsMax: 24 * 3_600_000,
  /** Longest time that messages are kept: what the language allows. */
  retentionMsMax: 30 * 24 * 3_600_000,
  timersMax: 8,
  /** A record whose state is empty is kept for so long, so that late copies of updates are recognised. */
  emptyRecordMs: 7 * 24 * 3_600_000,
  /** Room for records in memory, and how many. */
  recordCacheBytesMax: 64 * 1024 * 1024,
  recordCacheEntriesMax: 50_000,

  /** Pauses before the second and the third try of a guest that failed. */
  guestRetryMs: [500, 2_000],
  guestTriesMax: 3,
  /** A head that still fails after this goes to the DLQ. */
  headMsMax: 60_000,
  /** A bot without any route gets this long for one to appear. */
  routeWaitMsMax: 60_000,
  /** Pauses of uncounted retries: NATS, S3 or pods away. They double up to the last. */
  outageRetryMsMin: 100,
  outageRetryMsMax: 2_000,
  /** How often the head of a suspended bot looks again. */
  suspendedRetryMs: 1_000,

  /** Requests (apiCall) of one update; a BotSpec may make two. */
  requestsMax: 8,
  /** Attempts of one apiCall. */
  apiAttemptsMax: 4,
  /** What a bot may say; an attempt takes up to a tenth more (domain/attempts.ts), and no connection waits longer than `apiAttemptMsMax`. */
  apiTimeoutMsMax: 5_000,
  apiAttemptMsMax: 6_000,
  apiBackoffMsMax: 10_000,
  /** Body of a response, also when the bot allows more: it must fit one NATS message. */
  apiResponseBytesMax: 512 * 1024,
  /** The same once it is read and written again: numbers can grow. */
  apiResultBytesMax: 768 * 1024,
  apiRequestBytesMax: 256 * 1024,
  apiRedirectsMax: 3,
  apiHeaderBytesMax: 16 * 1024,
  /** Connections to one host of an API, of all bots together: awayMax and runningMax, so that no bot waits for those of another. */
  apiConnectionsPerHostMax: 1_536,

  /** A step that has no answer after this is run again, uncounted: the pod is taken for dead. */
  runAnswerMsMax: 15_000,
  loadMsMax: 15_000,
  /** Calls in flight on one pod; more wait outside. */
  runsPerPodMax: 512,
  /** A stream to a pod that broke is opened again no sooner. */
  podReconnectMs: 250,
  /** A pod that failed is avoided for so long while there is another. */
  podAvoidMs: 5_000,
  /** How often counts of revisions are told, how many revisions one message tells of, and how many are counted between two; of more, the rest is not. */
  statsEveryMs: 1_000,
  statsEntriesMax: 1_000,
  statsRevisionsMax: 20_000,
  /** Passports (rev.json) in memory. */
  passportsMax: 1_000,

  /** Routes older than this make the process not ready. */
  mirrorAgeMsMax: 30_000,
} as const;

/** Bounds of the lane for queries that cannot wait. Times are in ms. */
export const URGENT_LIMITS = {
  /** Queries answered at the same time by one process. */
  inHandMax: 64,
  /** Handed out by the server to all processes together. */
  ackPendingMax: 1_024,
  /** A query whose executor died comes to another one after this; Telegram waits 10 s for a checkout. */
  ackWaitMs: 2_000,
  /** Pause before a query is tried again while NATS or S3 is away. */
  retryMs: 250,
} as const;
