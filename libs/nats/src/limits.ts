/** Bounds of this library. Times are in ms unless the name says otherwise. */
export const LIMITS = {
  /** First pause before a connection is tried again; the client adds up to half a second of jitter. */
  reconnectWaitMs: 500,
  /** Two unanswered pings of this interval mean a dead connection. */
  pingIntervalMs: 10_000,
  /** One request to JetStream (publish, KV, management). */
  requestTimeoutMs: 5_000,
  /** A write that was not confirmed in time fails so much later at most. */
  confirmationSweepMs: 250,

  /** Attempts of one publish before it fails; each carries the same message id. */
  publishAttemptsMax: 3,
  /** Pause before the second publish attempt; doubles. */
  publishPauseMs: 100,

  /** Attempts to create one stream while other services create it too. */
  topologyAttemptsMax: 20,
  topologyPauseMs: 250,

  /** A watch that fails starts again after this. */
  watchRestartMs: 500,
  /** The server confirms a quiet watch this often; it also bounds the age of a healthy mirror. */
  watchHeartbeatMs: 2_000,
  /** A mirror of tokens that was not confirmed for so long may miss a new one. */
  tokensAgeMsMax: 10_000,

  heartbeatMs: 500,
  /** Silence after which a member counts as dead, on the observer's own clock. */
  memberDeadMs: 3_000,
  /** A newcomer waits so long for the others' answer to its roll call before it takes over from members it never heard of; from those that the server still knows as connected, memberDeadMs. */
  rollCallMs: 250,
  /** How often claims are compared with what is wanted. */
  claimTickMs: 250,
  /** A living member that should hand over a partition gets this long before it is taken; the claim itself is safe at any time. */
  handoverWaitMs: 10_000,
  /** Partitions claimed or released at the same time. */
  claimsInFlightMax: 16,

  /** Messages of one stream that owners have in hand or know to wait; each partition has its share, and more are not delivered. An owner keeps some 200 bytes of one that waits, the server 60. */
  ackPendingOfStreamMax: 1_048_576,
  /** Redelivery by AckWait breaks order: what is stuck for so long makes its partition be claimed anew. */
  ackWaitMs: 24 * 3_600_000,
  /** Messages of a partition in hand, of one subject in it (a bot), and of one lane of that (a chat). More wait in the stream and are read again when there is room, so that what is stuck holds up its own. */
  inHandMax: 4_096,
  inHandPerSubjectMax: 256,
  inHandPerLaneMax: 64,
  /** Waiting messages read again at the same time; the pause after one could not be read. */
  rereadMax: 64,
  rereadPauseMs: 250,
  /** Messages pulled ahead per partition. */
  pullMessages: 256,
  pullExpiresMs: 30_000,
  pullHeartbeatMs: 5_000,
  /** How often an owner looks at a partition for settled messages to remove, and how often at some of its partitions. */
  purgeIntervalMs: 1_000,
  purgeTurnMs: 100,
  /** While messages come in, fewer settled ones of a partition wait for others, and the next look comes after so long at most (at random after half of it, so that partitions do not come all at once): a purge costs the server as much as several messages. */
  purgeMessages: 256,
  /** Fewer than this are left for later, unless nothing has come in: behind a stuck message the floor goes up by one at a time. */
  purgeMessagesMin: 16,
  purgeMsMax: 10_000,
  /** The same when nothing has come in since the last look. */
  purgeQuietMs: 3_000,
  /** Settled messages of one subject that are worth a purge of their own while the ack floor of the partition stands still. */
  subjectPurgeMessages: 250,
  /** A partition gets this long to finish what is begun when it is released, unless its service says otherwise. */
  releaseDrainMs: 10_000,

  /** Pauses of a batch queue while nothing of a batch could be settled; they double up to the last. */
  batchPauseMsMin: 250,
  batchPauseMsMax: 10_000,

  /** Due timers being republished at the same time, and delivered to all processes together. */
  timersInFlightMax: 64,
  timerAckPendingMax: 4_096,
  /** A due timer that was not republished comes again after this. It is in the stored consumer, and releases before ensureConsumer refuse one with another value: after a rollback no timer would fire. */
  timerAckWaitMs: 30_000,
  /** A process that stands still is handed no more due timers after this. */
  timerPullExpiresMs: 5_000,
} as const;
