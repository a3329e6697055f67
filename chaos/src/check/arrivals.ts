/** When an update reached the bot's webhook: somewhere from the start of its first try to the end of the first one that was answered 200. */
export interface Arrival {
  fromMs: number;
  /** Infinity while no try was answered 200. */
  storedMs: number;
}

const ANY_TIME: Arrival = { fromMs: Number.NEGATIVE_INFINITY, storedMs: Number.POSITIVE_INFINITY };

/** The simulator's record of webhook deliveries: it orders updates of different queues. */
export class Arrivals {
  private readonly byUpdate = new Map<string, Arrival>();
  /** Deliveries of updates that had been taken before, and the first delivery of each. */
  readonly copies: { first: Arrival; copy: Arrival }[] = [];

  /** One try of one update, copies that were sent again included: they come later and change nothing of when it arrived. */
  add(updateKey: string, startMs: number, endMs: number, isStored: boolean): void {
    const known = this.byUpdate.get(updateKey) ?? ANY_TIME;
    if (known.storedMs < Number.POSITIVE_INFINITY) {
      if (isStored) this.copies.push({ first: known, copy: { fromMs: startMs, storedMs: endMs } });
      return;
    }
    const fromMs = known === ANY_TIME ? startMs : Math.min(known.fromMs, startMs);
    this.byUpdate.set(updateKey, { fromMs, storedMs: isStored ? Math.min(known.storedMs, endMs) : known.storedMs });
  }

  /** Any time, when nothing is known: then it is ordered against nothing. */
  of(updateKey: string | undefined): Arrival {
    return (updateKey === undefined ? undefined : this.byUpdate.get(updateKey)) ?? ANY_TIME;
  }
}
