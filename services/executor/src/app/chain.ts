import type { IncomingUpdate } from '../domain/incoming-update.ts';

/** The updates of one order key that one ownership has in hand, oldest first; the first is the head. */
export class Chain {
  private readonly entries: IncomingUpdate[] = [];
  private arrivals = 0;
  private wakers: (() => void)[] = [];

  get length(): number {
    return this.entries.length;
  }

  /** Grows with each update that joins; see `grown`. */
  get arrived(): number {
    return this.arrivals;
  }

  /** What waits behind the head. */
  behindHead(): readonly IncomingUpdate[] {
    return this.entries.slice(1);
  }

  push(update: IncomingUpdate): void {
    this.entries.push(update);
    this.arrivals += 1;
    for (const wake of this.wakers.splice(0)) wake();
  }

  /** The head is settled. */
  shift(): void {
    this.entries.shift();
  }

  /** Resolves when more than so many have joined; never when the chain is dropped before. */
  grown(than: number): Promise<void> {
    if (this.arrivals > than) return Promise.resolve();
    return new Promise((resolve) => this.wakers.push(resolve));
  }
}
