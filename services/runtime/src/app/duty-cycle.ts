export interface DutyLimits {
  /** After a turn its key rests so many times as long as the turn took, at most `restMsMax`. */
  readonly restFactor: number;
  readonly restMsMax: number;
  /** Turns that wait under one key, and how long one does. */
  readonly waitingMax: number;
  readonly waitMsMax: number;
  /** Turns of all keys at a time: what is started waits for no more than these, however many keys there are. */
  readonly runningMax: number;
}

interface Lane<T> {
  readonly waiting: { item: T; timer: NodeJS.Timeout }[];
  running: { item: T; sinceMs: number } | undefined;
  resting: NodeJS.Timeout | undefined;
}

/** Starts items of one key one after the other, with a rest after each that grows with what it took: a key gets a share of the time, not more. */
export class DutyCycle<T> {
  /** Those whose last turn is longest ago come first. */
  private readonly lanes = new Map<string, Lane<T>>();
  private running = 0;

  constructor(
    private readonly limits: DutyLimits,
    private readonly start: (item: T) => void,
    /** The item waited too long, or too many wait. */
    private readonly refuse: (item: T) => void,
  ) {}

  push(key: string, item: T): void {
    const lane = this.laneOf(key);
    if (lane.waiting.length >= this.limits.waitingMax) return this.refuse(item);
    lane.waiting.push({ item, timer: setTimeout(() => this.giveUp(key, lane, item), this.limits.waitMsMax) });
    this.next(key, lane);
  }

  /** A started item has ended. Others are none of ours. */
  ended(key: string, item: T): void {
    const lane = this.lanes.get(key);
    if (lane?.running?.item !== item) return;
    const tookMs = performance.now() - lane.running.sinceMs;
    lane.running = undefined;
    this.running -= 1;
    lane.resting = setTimeout(() => this.wake(key, lane), Math.min(tookMs * this.limits.restFactor, this.limits.restMsMax));
    for (const [other, waiting] of [...this.lanes]) this.next(other, waiting);
  }

  /** Refuses everything that waits. */
  drain(): void {
    for (const [key, lane] of [...this.lanes]) for (const { item } of [...lane.waiting]) this.giveUp(key, lane, item);
  }

  private laneOf(key: string): Lane<T> {
    const lane = this.lanes.get(key) ?? { waiting: [], running: undefined, resting: undefined };
    this.lanes.set(key, lane);
    return lane;
  }

  private wake(key: string, lane: Lane<T>): void {
    lane.resting = undefined;
    if (lane.waiting.length === 0) this.lanes.delete(key);
    else this.next(key, lane);
  }

  private next(key: string, lane: Lane<T>): void {
    if (lane.running || lane.resting || this.running >= this.limits.runningMax) return;
    const first = lane.waiting.shift();
    if (!first) return;
    clearTimeout(first.timer);
    lane.running = { item: first.item, sinceMs: performance.now() };
    this.running += 1;
    this.lanes.delete(key);
    this.lanes.set(key, lane);
    this.start(first.item);
  }

  private giveUp(key: string, lane: Lane<T>, item: T): void {
    const at = lane.waiting.findIndex((waiting) => waiting.item === item);
    if (at < 0) return;
    const [gone] = lane.waiting.splice(at, 1);
    clearTimeout(gone?.timer);
    if (lane.waiting.length === 0 && !lane.running && !lane.resting) this.lanes.delete(key);
    this.refuse(item);
  }
}
