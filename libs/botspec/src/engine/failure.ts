import type { ApiCallRequest } from '@botplane/contracts';

/** A step failed: it takes its own way out, or the conversation ends. */
export class StepFailure extends Error {
  readonly code: string;
  readonly status: number | undefined;
  /** Limits of the update itself: no way out of the step counts. */
  readonly final: boolean;

  constructor(code: string, more: { status?: number | undefined; final?: boolean } = {}) {
    super(code);
    this.code = code;
    this.status = more.status;
    this.final = more.final ?? false;
  }
}

/** Unwinds the run: the executor is to perform a call and enter again. */
export class NeedsApiCall extends Error {
  readonly call: ApiCallRequest;

  constructor(call: ApiCallRequest) {
    super('api call');
    this.call = call;
  }
}

/** Unwinds the run: another revision is to take the update. */
export class Redirected extends Error {
  readonly to: 'conversation' | 'routed';

  constructor(to: 'conversation' | 'routed') {
    super(to);
    this.to = to;
  }
}
