/** An entry's place in its log; places grow by one and are never used twice. */
export interface Sequenced {
  seq: number;
}

/** The newest entries of something that never ends. Adding and dropping the oldest take constant time. */
export class BoundedLog<T extends Sequenced> {
  private readonly ring: (T | undefined)[] = [];
  private firstSeq: number;
  private nextSeq: number;

  constructor(
    private readonly entriesMax: number,
    startSeq = 1,
  ) {
    this.firstSeq = startSeq;
    this.nextSeq = startSeq;
  }

  /** The seq of the newest entry, or of the one before the first when there is none. */
  get lastSeq(): number {
    return this.nextSeq - 1;
  }

  add(make: (seq: number) => T): T {
    const seq = this.nextSeq++;
    const entry = make(seq);
    this.ring[seq % this.entriesMax] = entry;
    if (this.nextSeq - this.firstSeq > this.entriesMax) this.firstSeq = this.nextSeq - this.entriesMax;
    return entry;
  }

  /** Entries with a seq above `after` that fit, oldest first, at most `countMax`. */
  after(after: number, countMax: number, fits: (entry: T) => boolean = () => true): T[] {
    const found: T[] = [];
    for (let seq = Math.max(after + 1, this.firstSeq); seq < this.nextSeq && found.length < countMax; seq++) {
      const entry = this.ring[seq % this.entriesMax];
      if (entry !== undefined && fits(entry)) found.push(entry);
    }
    return found;
  }

  /** Forgets the entries; seqs go on. */
  clear(): void {
    this.ring.length = 0;
    this.firstSeq = this.nextSeq;
  }

  /** Goes on from a later seq, for a log whose entries were not kept over a restart. */
  skipTo(nextSeq: number): void {
    if (nextSeq <= this.nextSeq) return;
    this.nextSeq = nextSeq;
    this.clear();
  }
}
