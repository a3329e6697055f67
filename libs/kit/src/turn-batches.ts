import { TURN_BATCH_CHARS_MAX, TURN_BATCH_ITEMS_MAX } from './limits.ts';

/** Joins what is added in one turn of the event loop, in order. Batches have at most 64 items and 512 Ki characters; a longer item goes alone. */
export class TurnBatches<T> {
  private items: T[] = [];
  private readonly charsOf: (item: T) => number;
  private readonly write: (first: T, more: T[]) => void;

  /** `write` must not throw. */
  constructor(charsOf: (item: T) => number, write: (first: T, more: T[]) => void) {
    this.charsOf = charsOf;
    this.write = write;
  }

  add(item: T): void {
    if (this.items.push(item) === 1) setImmediate(() => this.flush());
  }

  /** Writes what is there at once. */
  flush(): void {
    const { items } = this;
    this.items = [];
    let batch: T[] = [];
    let chars = 0;
    for (const item of items) {
      const itemChars = this.charsOf(item);
      if (batch.length >= TURN_BATCH_ITEMS_MAX || chars + itemChars > TURN_BATCH_CHARS_MAX) {
        this.writeBatch(batch);
        [batch, chars] = [[], 0];
      }
      batch.push(item);
      chars += itemChars;
    }
    this.writeBatch(batch);
  }

  /** Forgets what is not written. */
  drop(): void {
    this.items = [];
  }

  private writeBatch([first, ...more]: T[]): void {
    if (first !== undefined) this.write(first, more);
  }
}
