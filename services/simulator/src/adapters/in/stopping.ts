/** Raised when the simulator stops, so that long polls end at once. */
export class Stopping {
  private readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  beforeApplicationShutdown(): void {
    this.stop();
  }

  stop(): void {
    this.controller.abort();
  }
}
