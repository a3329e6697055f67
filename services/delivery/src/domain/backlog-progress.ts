import { BACKLOG_STRAYS_MAX } from '../limits.ts';

/** Which calls of one subject of the stream are read, and which of them are settled. Sequences are those of the stream. */
export class BacklogProgress {
  /** Ascending, since calls are read in order. */
  private readonly open = new Set<number>();
  private readonly strays = new Set<number>();
  private lastRead = 0;
  private removedBelow = 0;

  /** Read and not settled. */
  get openCount(): number {
    return this.open.size;
  }

  /** Where the next read starts. */
  get next(): number {
    return this.lastRead + 1;
  }

  read(seq: number): void {
    this.open.add(seq);
    this.lastRead = seq;
  }

  settled(seq: number): void {
    if (this.open.delete(seq)) this.strays.add(seq);
  }

  /** Everything below this is settled and not yet removed; undefined when there is nothing new. */
  takeFloor(): number | undefined {
    const [oldestOpen] = this.open;
    const floor = oldestOpen ?? this.next;
    for (const seq of this.strays) if (seq < floor) this.strays.delete(seq);
    if (floor <= Math.max(1, this.removedBelow)) return undefined;
    this.removedBelow = floor;
    return floor;
  }

  /** Settled calls above one that still waits, once there are so many that the next owner should not have to look at them again. */
  takeStrays(): number[] {
    if (this.strays.size <= BACKLOG_STRAYS_MAX) return [];
    const taken = [...this.strays];
    this.strays.clear();
    return taken;
  }
}
