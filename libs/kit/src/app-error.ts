/** Every failure that crosses a service's edge has one of these codes. */
export const ErrorCode = {
  RequestInvalid: 'request.invalid',
  RequestTooLarge: 'request.too_large',
  Unauthenticated: 'request.unauthenticated',
  Forbidden: 'request.forbidden',
  RateLimited: 'request.rate_limited',
  NotFound: 'not_found',
  Conflict: 'conflict',
  BotNotFound: 'bot.not_found',
  BotGone: 'bot.gone',
  BotSuspended: 'bot.suspended',
  RouteUnknown: 'route.unknown',
  ArtefactMissing: 'artefact.missing',
  ArtefactCorrupt: 'artefact.corrupt',
  ArtefactConflict: 'artefact.conflict',
  EnvelopeUnreadable: 'envelope.unreadable',
  RevisionNotLoaded: 'revision.not_loaded',
  RevisionInvalid: 'revision.invalid',
  EngineNotKept: 'engine.not_kept',
  SandboxExhausted: 'sandbox.exhausted',
  StoreUnavailable: 'store.unavailable',
  StoreFull: 'store.full',
  UpstreamFailed: 'upstream.failed',
  DeadlineExceeded: 'deadline.exceeded',
  ShuttingDown: 'shutting_down',
  Internal: 'internal',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** What each kind of caller does with a failure. */
export interface Disposition {
  readonly http: number;
  /** gRPC status code. */
  readonly grpc: number;
  /** For work taken from a queue: try again in place, or hand it to the DLQ. */
  readonly delivery: 'retry' | 'terminate';
}

/** One row per code; a missing row does not compile. */
export const DISPOSITION = {
  'request.invalid': { http: 400, grpc: 3, delivery: 'terminate' },
  'request.too_large': { http: 413, grpc: 3, delivery: 'terminate' },
  'request.unauthenticated': { http: 401, grpc: 16, delivery: 'terminate' },
  'request.forbidden': { http: 403, grpc: 7, delivery: 'terminate' },
  'request.rate_limited': { http: 429, grpc: 8, delivery: 'retry' },
  not_found: { http: 404, grpc: 5, delivery: 'terminate' },
  conflict: { http: 409, grpc: 10, delivery: 'retry' },
  'bot.not_found': { http: 404, grpc: 5, delivery: 'terminate' },
  'bot.gone': { http: 410, grpc: 5, delivery: 'terminate' },
  'bot.suspended': { http: 503, grpc: 14, delivery: 'retry' },
  'route.unknown': { http: 503, grpc: 14, delivery: 'retry' },
  'artefact.missing': { http: 404, grpc: 5, delivery: 'retry' },
  'artefact.corrupt': { http: 502, grpc: 15, delivery: 'terminate' },
  'artefact.conflict': { http: 409, grpc: 6, delivery: 'terminate' },
  'envelope.unreadable': { http: 500, grpc: 9, delivery: 'retry' },
  'revision.not_loaded': { http: 404, grpc: 5, delivery: 'retry' },
  'revision.invalid': { http: 422, grpc: 3, delivery: 'terminate' },
  'engine.not_kept': { http: 409, grpc: 9, delivery: 'retry' },
  'sandbox.exhausted': { http: 503, grpc: 8, delivery: 'retry' },
  'store.unavailable': { http: 503, grpc: 14, delivery: 'retry' },
  'store.full': { http: 503, grpc: 8, delivery: 'retry' },
  'upstream.failed': { http: 502, grpc: 14, delivery: 'retry' },
  'deadline.exceeded': { http: 504, grpc: 4, delivery: 'retry' },
  shutting_down: { http: 503, grpc: 14, delivery: 'retry' },
  internal: { http: 500, grpc: 13, delivery: 'retry' },
} as const satisfies Record<ErrorCode, Disposition>;

/** A failure with a code; `fields` go to the log, never to a caller. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, fields: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.fields = fields;
  }

  get disposition(): Disposition {
    return DISPOSITION[this.code];
  }
}

/** The failure itself, or `internal` around anything else that was thrown. */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError(ErrorCode.Internal, 'internal error', {}, { cause: thrown });
}
