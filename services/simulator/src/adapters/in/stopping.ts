import type { ServerResponse } from 'node:http';
import { LONG_POLL_GRACE_MS } from '../../limits.ts';

/** Knows the requests that wait for something, and ends their waiting when the simulator stops. */
export class Stopping {
  private readonly open = new Map<ServerResponse, AbortController>();
  private stopped = false;

  /** A signal for one request: raised when its caller is gone or the simulator stops. */
  signalFor(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    if (this.stopped || response.destroyed) controller.abort();
    this.open.set(response, controller);
    response.once('close', () => {
      this.open.delete(response);
      controller.abort();
    });
    return controller.signal;
  }

  /** Called before connections are closed: those who wait get their answer first. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const controller of this.open.values()) controller.abort();
    const until = Date.now() + LONG_POLL_GRACE_MS;
    while (this.open.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
