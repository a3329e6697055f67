/** Bounds of backup and restore. Times are in ms unless the name says otherwise. */
export const LIMITS = {
  /** Bots stand still for so long at most when a backup dies; a living one extends it. */
  pauseMs: 30_000,
  pauseExtendMs: 10_000,
  /** How long updates in work may take to settle before the backup goes on without them. */
  settleMs: 20_000,
  settlePollMs: 100,
  /** How long calls to Telegram that wait may take to go out before they are saved as waiting. */
  sendMs: 5_000,
  /** Tries to find a moment in which nothing was settled and no partition changed hands. */
  standstillAttemptsMax: 3,

  /** How long NATS may take to let us in, for each of its addresses; a pod of it that starts anew is there by then. */
  natsConnectMs: 30_000,
  /**
   * A NATS that is connected but does not even answer pings for so long is given up. Below the 30 s after which its client takes a connection for
   * dead and makes a new one, in which it waits without end.
   */
  natsSilenceMs: 20_000,
  /** Pings in that time. */
  natsSilencePings: 5,
  /** One request to JetStream. */
  requestMs: 10_000,
  /** The server reads back what it was given when the last piece is there. */
  restoreCommitMs: 120_000,
  /** The server reads the whole stream and checks it before it answers. */
  snapshotCheckMs: 600_000,
  /** A snapshot that sends nothing for so long has failed. */
  snapshotSilenceMs: 30_000,
  /** Below `max_payload` of every server (1 MiB). */
  snapshotChunkBytes: 256 * 1024,
  /** How long a restore listens for services that still run; they say so twice a second. */
  listenMs: 5_000,

  /** Rows of a table in hand. */
  rowsPerBatch: 1_000,
  /** One query answers in moments, the longest after reading a thousand rows: a PostgreSQL that says nothing for so long is given up. */
  postgresSilenceMs: 120_000,
  /** Waiting for a lock means that somebody else uses the database. */
  lockMs: 10_000,
  connectMs: 5_000,

  /** Largest object: Telegram takes no upload above 50 MB. */
  objectBytesMax: 64 * 1024 * 1024,
  objectsInFlightMax: 8,

  /** A backup that began longer ago and is not whole was broken off, where nothing else is said. */
  unfinishedHoursMax: 24,

  /** A process whose work is done ends after so long, whatever a silent server left open. */
  leaveMs: 1_000,

  /** A list of files is held in memory. */
  manifestBytesMax: 256 * 1024 * 1024,
  /** Long work says how far it is this often. */
  progressMs: 2_000,
} as const;
