/** Something outside is away for now: NATS, S3, runtime pods. Tried again without end, and never counted against the bot. */
export class TemporaryFailure extends Error {
  override readonly name = 'TemporaryFailure';

  constructor(
    /** For counters: `nats`, `s3`, `runtime`, `route`, `secrets`. */
    readonly what: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The bot's own fault: it threw, ran too long, or returned nonsense. Counted; after some tries the update is given up. */
export class GuestFailure extends Error {
  override readonly name = 'GuestFailure';
  /** The revision that failed, once it is known. */
  revision?: string;

  constructor(
    /** For counters and the dead letter: `guest_error`, `overrun`, … */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
