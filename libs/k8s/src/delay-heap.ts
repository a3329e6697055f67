interface Entry {
  key: string;
  atMs: number;
}

/** Below this many leftovers they are not worth a sweep. */
const LEFTOVERS_MIN = 16;

/** Keys with a time, each once, earliest first. */
export class DelayHeap {
  private heap: Entry[] = [];
  /** The time that counts for a key; an entry of the heap with another time is a leftover. */
  private readonly times = new Map<string, number>();

  get size(): number {
    return this.times.size;
  }

  /** Of two times for one key the earlier is kept. */
  push(key: string, atMs: number): void {
    const known = this.times.get(key);
    if (known !== undefined && known <= atMs) return;
    this.times.set(key, atMs);
    this.heap.push({ key, atMs });
    this.rise(this.heap.length - 1);
    if (this.heap.length > 2 * this.times.size + LEFTOVERS_MIN) this.compact();
  }

  nextAtMs(): number | undefined {
    this.dropLeftovers();
    return this.heap[0]?.atMs;
  }

  /** Removes and returns the keys whose time has come. */
  due(nowMs: number): string[] {
    const keys: string[] = [];
    for (let next = this.nextAtMs(); next !== undefined && next <= nowMs; next = this.nextAtMs()) {
      const { key } = this.pop()!;
      this.times.delete(key);
      keys.push(key);
    }
    return keys;
  }

  clear(): void {
    this.heap = [];
    this.times.clear();
  }

  private dropLeftovers(): void {
    while (this.heap[0] && this.times.get(this.heap[0].key) !== this.heap[0].atMs) this.pop();
  }

  private compact(): void {
    // A sorted list is a heap.
    this.heap = [...this.times].map(([key, atMs]) => ({ key, atMs })).sort((a, b) => a.atMs - b.atMs);
  }

  private pop(): Entry | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (last && this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
    return first;
  }

  private rise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.at(parent) <= this.at(index)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private sink(index: number): void {
    for (;;) {
      const left = 2 * index + 1;
      let least = index;
      for (const child of [left, left + 1]) if (child < this.heap.length && this.at(child) < this.at(least)) least = child;
      if (least === index) return;
      this.swap(index, least);
      index = least;
    }
  }

  private at(index: number): number {
    return this.heap[index]!.atMs;
  }

  private swap(a: number, b: number): void {
    const entry = this.heap[a]!;
    this.heap[a] = this.heap[b]!;
    this.heap[b] = entry;
  }
}
