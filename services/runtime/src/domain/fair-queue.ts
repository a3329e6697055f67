/** A queue that serves its keys in turn, so that one with many items does not delay the others. */
export class FairQueue<T> {
  private readonly lines = new Map<string, T[]>();
  private count = 0;

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

  /** Puts an item that was served already back to the front of its line. */
  pushFront(key: string, item: T): void {
    const line = this.lines.get(key);
    if (line) line.unshift(item);
    else this.lines.set(key, [item]);
    this.count += 1;
  }

  /** The next item; its key goes to the end of the turn. */
  shift(): T | undefined {
    for (const [key, line] of this.lines) {
      const item = line.shift();
      this.lines.delete(key);
      if (line.length > 0) this.lines.set(key, line);
      if (item === undefined) continue;
      this.count -= 1;
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
}
