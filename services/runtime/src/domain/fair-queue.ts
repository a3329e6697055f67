export interface Turns<T> {
  /** Items of one key served one after the other before the next key has its turn. */
  readonly itemsMax: number;
  /** Whether an item may follow another one of its key in the same turn. */
  readonly mayFollow: (item: T) => boolean;
}

/** A queue that serves its keys in turn, so that one with many items does not delay the others. The first key is the one whose turn it is. */
export class FairQueue<T> {
  private readonly lines = new Map<string, T[]>();
  private readonly turns: Turns<T>;
  private count = 0;
  /** Whose turn it is, and what it got of it. */
  private current: string | undefined;
  private served = 0;

  /** Default: one item a turn. */
  constructor(turns: Turns<T> = { itemsMax: 1, mayFollow: () => false }) {
    this.turns = turns;
  }

  get size(): number {
    return this.count;
  }

  /** Items that wait under one key. */
  sizeOf(key: string): number {
    return this.lines.get(key)?.length ?? 0;
  }

  push(key: string, item: T): void {
    const line = this.lines.get(key);
    if (line) line.push(item);
    else this.lines.set(key, [item]);
    this.count += 1;
  }

  /** Puts an item that was served already back: it is the next one. */
  pushFront(key: string, item: T): void {
    const lines = [...this.lines];
    this.lines.clear();
    this.lines.set(key, [item]);
    for (const [other, line] of lines) this.lines.set(other, other === key ? [item, ...line] : line);
    this.count += 1;
  }

  /** The next item; its key goes to the end when its turn is over. */
  shift(): T | undefined {
    for (const [key, line] of this.lines) {
      const item = line.shift();
      if (item === undefined) {
        this.lines.delete(key);
        continue;
      }
      this.count -= 1;
      this.served = key === this.current ? this.served + 1 : 1;
      this.current = key;
      if (!this.goesOn(line)) this.endTurn(key, line);
      return item;
    }
    return undefined;
  }

  /** Takes out what waits under one key. */
  take(key: string): T[] {
    const line = this.lines.get(key) ?? [];
    this.lines.delete(key);
    this.count -= line.length;
    return line;
  }

  /** Takes everything out. */
  drain(): T[] {
    const items = [...this.lines.values()].flat();
    this.lines.clear();
    this.count = 0;
    return items;
  }

  private goesOn([next]: readonly T[]): boolean {
    return next !== undefined && this.served < this.turns.itemsMax && this.turns.mayFollow(next);
  }

  private endTurn(key: string, line: T[]): void {
    this.current = undefined;
    this.lines.delete(key);
    if (line.length > 0) this.lines.set(key, line);
  }
}
