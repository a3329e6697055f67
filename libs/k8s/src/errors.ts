/** The API server's error body (metav1.Status), as far as it is used. */
export interface KubeStatus {
  kind?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}

/** Reasons this library gives when there was no answer to take one from. */
export const LocalReason = { Network: 'NetworkError', Timeout: 'ClientTimeout', BadAnswer: 'BadAnswer' } as const;

interface K8sErrorFields {
  status: number;
  reason: string;
  method: string;
  path: string;
  retryAfterMs?: number | undefined;
  details?: KubeStatus['details'] | undefined;
  cause?: unknown;
}

/** A request that failed: refused by the API server (`status` as in HTTP) or never answered (`status` 0). */
export class K8sError extends Error {
  override readonly name = 'K8sError';
  readonly status: number;
  /** `metav1.StatusReason` of the answer (`NotFound`, `Conflict`, `Expired` …) or a {@link LocalReason}. */
  readonly reason: string;
  readonly method: string;
  readonly path: string;
  /** How long the server asked to wait, if it did. */
  readonly retryAfterMs: number | undefined;
  readonly details: KubeStatus['details'] | undefined;

  constructor(message: string, fields: K8sErrorFields) {
    super(message, { cause: fields.cause });
    this.status = fields.status;
    this.reason = fields.reason;
    this.method = fields.method;
    this.path = fields.path;
    this.retryAfterMs = fields.retryAfterMs;
    this.details = fields.details;
  }
}

const hasStatus = (error: unknown, status: number): error is K8sError => error instanceof K8sError && error.status === status;

export const isNotFound = (error: unknown): error is K8sError => hasStatus(error, 404);
/** 409 for any reason but "already exists": the object changed since it was read, or another field manager owns a field. */
export const isConflict = (error: unknown): error is K8sError => hasStatus(error, 409) && error.reason !== 'AlreadyExists';
export const isAlreadyExists = (error: unknown): error is K8sError => hasStatus(error, 409) && error.reason === 'AlreadyExists';
/** The resource version is too old for a watch or a continued list. */
export const isGone = (error: unknown): error is K8sError => hasStatus(error, 410);
export const isForbidden = (error: unknown): error is K8sError => hasStatus(error, 403);
/** Refused by schema, CEL or admission: the same body will be refused again. */
export const isInvalid = (error: unknown): error is K8sError => hasStatus(error, 422) || hasStatus(error, 400);
/** Nothing answered, or the answer says "later". */
export const isTransient = (error: unknown): error is K8sError =>
  error instanceof K8sError && (error.status === 0 || error.status === 429 || error.status >= 500);
