import type { Dispatcher } from 'undici';
import type { CallPermit } from '../../app/ports.ts';
import { HeldBackError } from './write-guard.ts';
import type { GuardedHandler, WriteGuard } from './write-guard.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** The time for the whole exchange is over. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';
  readonly code = 'TIMEOUT';

  constructor() {
    super('the call took too long');
  }
}

/** What bounds an exchange. */
export interface ExchangeRules extends CallPermit {
  readonly msMax: number;
}

/** One request to a `guardedAgent` and its whole answer as text. undici's own `request` makes a stream of each answer, which costs more than the rest of it. */
export function exchange(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, rules: ExchangeRules): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const running = new Exchange(rules, resolve, reject);
    try {
      dispatcher.dispatch(request, running);
    } catch (error) {
      running.onResponseError(undefined, error as Error);
    }
  });
}

class Exchange implements GuardedHandler {
  guard: WriteGuard | undefined;
  private readonly chunks: Buffer[] = [];
  private status = 0;
  private controller: Dispatcher.DispatchController | undefined;
  // Not AbortSignal.timeout: its timer lives on after the answer, and there would be a minute's worth of them.
  private readonly timer: NodeJS.Timeout;
  private isOver = false;

  constructor(
    private readonly rules: ExchangeRules,
    private readonly resolve: (answer: HttpAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.timer = setTimeout(() => this.giveUp(), rules.msMax);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isOver || !this.rules.mayStart()) return controller.abort(new HeldBackError());
    this.controller = controller;
    if (this.guard !== undefined) this.guard.mayWrite = this.rules.mayGoOn;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status; // Of several, as with 100 Continue, the last one counts.
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.end()) return;
    const [only] = this.chunks;
    this.resolve({ status: this.status, text: (only !== undefined && this.chunks.length === 1 ? only : Buffer.concat(this.chunks)).toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.end()) this.reject(error);
  }

  /** A request that still waits for a connection is held back when it gets one. */
  private giveUp(): void {
    const error = new CallTimeoutError();
    if (this.controller !== undefined) this.controller.abort(error);
    this.onResponseError(undefined, error);
  }

  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    clearTimeout(this.timer);
    return true;
  }
}
