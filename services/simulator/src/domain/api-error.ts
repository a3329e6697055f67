/** Extra fields of a refusal, as Telegram's ResponseParameters. */
export interface ResponseParameters {
  readonly retry_after?: number;
  readonly migrate_to_chat_id?: number;
}

/** A refusal of the Bot API, in Telegram's own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: number,
    readonly description: string,
    readonly parameters?: ResponseParameters,
  ) {
    super(description);
  }
}

/** 400 with Telegram's prefix. */
export const badRequest = (reason: string): ApiError => new ApiError(400, `Bad Request: ${reason}`);

/** 403 with Telegram's prefix. */
export const forbidden = (reason: string): ApiError => new ApiError(403, `Forbidden: ${reason}`);

/** 429; `retryAfterS` is in seconds, as Telegram gives it. */
export const tooManyRequests = (retryAfterS: number): ApiError =>
  new ApiError(429, `Too Many Requests: retry after ${retryAfterS}`, { retry_after: retryAfterS });
