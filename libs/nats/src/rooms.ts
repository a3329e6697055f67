/** What may be in hand of a partition, of one subject in it, and of one lane of that. */
export interface RoomLimits {
  allMax: number;
  subjectMax: number;
  laneMax: number;
}

/** A message that waited and has a place now. `arrive` is to be called when it is in hand. */
export interface Seated<T> {
  subject: string;
  lane: string;
  message: T;
}

interface Lane<T> {
  inHand: number;
  /** Taken from those that wait and not yet in hand: what comes now must not overtake them. */
  coming: number;
  readonly waiting: T[];
}

interface Room<T> {
  inHand: number;
  readonly lanes: Map<string, Lane<T>>;
  /** Those with somebody waiting, in the order in which they are served. */
  readonly waiting: Map<string, Lane<T>>;
}

/**
 * Places for the messages of a partition: so many per subject (a bot), and so many per lane of it (what is kept in order: a chat). What finds
 * no place waits, in order within its lane; subjects and the lanes of each are served in turn, so that what is stuck holds up its own.
 */
export class Rooms<T> {
  private readonly rooms = new Map<string, Room<T>>();
  /** Subjects with somebody waiting, in the order in which they are served. */
  private readonly waiting = new Map<string, Room<T>>();
  private held = 0;

  constructor(private readonly limits: RoomLimits) {}

  /** Messages that have a place. */
  get inHand(): number {
    return this.held;
  }

  get hasWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** True: it has a place. False: it waits, as what `waiter` makes. */
  enter(subject: string, lane: string, waiter: () => T): boolean {
    const room = this.roomOf(subject);
    const at = laneOf(room, lane);
    if (at.waiting.length === 0 && at.coming === 0 && this.hasPlace(room, at) && this.nextLane(room) === undefined) {
      this.seat(room, at);
      return true;
    }
    at.waiting.push(waiter());
    room.waiting.set(lane, at);
    this.waiting.set(subject, room);
    return false;
  }

  /** One that had a place is done. */
  leave(subject: string, lane: string): void {
    const room = this.rooms.get(subject);
    const at = room?.lanes.get(lane);
    if (room === undefined || at === undefined) return;
    this.held--;
    room.inHand--;
    at.inHand--;
    if (at.inHand === 0 && at.waiting.length === 0) room.lanes.delete(lane);
    if (room.lanes.size === 0) this.rooms.delete(subject);
  }

  /** Those that wait and for which there is a place, which they have from here on; at most `max`. */
  take(max: number): Seated<T>[] {
    const taken: Seated<T>[] = [];
    for (let passed = 0; passed < this.waiting.size && taken.length < max; passed++) {
      const [[subject, room] = []] = this.waiting;
      if (subject === undefined || room === undefined) break;
      const seated = this.takeOf(subject, room);
      if (seated !== undefined) {
        taken.push(seated);
        passed = -1;
      }
      // Behind the others, who come first the next time.
      this.waiting.delete(subject);
      if (room.waiting.size > 0) this.waiting.set(subject, room);
    }
    return taken;
  }

  /** One that was taken is in hand now. */
  arrive({ subject, lane }: Seated<T>): void {
    const at = this.rooms.get(subject)?.lanes.get(lane);
    if (at !== undefined) at.coming--;
  }

  private takeOf(subject: string, room: Room<T>): Seated<T> | undefined {
    const lane = this.nextLane(room);
    const at = lane === undefined ? undefined : room.waiting.get(lane);
    const message = at?.waiting.shift();
    if (lane === undefined || at === undefined || message === undefined) return undefined;
    this.seat(room, at);
    at.coming++;
    room.waiting.delete(lane);
    if (at.waiting.length > 0) room.waiting.set(lane, at);
    return { subject, lane, message };
  }

  /** The lane whose first waiting message may come in. Lanes that are full stand before it, which are few. */
  private nextLane(room: Room<T>): string | undefined {
    for (const [lane, at] of room.waiting) {
      if (this.held === this.limits.allMax || room.inHand === this.limits.subjectMax) return undefined;
      if (at.inHand < this.limits.laneMax) return lane;
    }
    return undefined;
  }

  private roomOf(subject: string): Room<T> {
    let room = this.rooms.get(subject);
    if (room === undefined) {
      room = { inHand: 0, lanes: new Map(), waiting: new Map() };
      this.rooms.set(subject, room);
    }
    return room;
  }

  private hasPlace(room: Room<T>, lane: Lane<T>): boolean {
    return this.held < this.limits.allMax && room.inHand < this.limits.subjectMax && lane.inHand < this.limits.laneMax;
  }

  private seat(room: Room<T>, lane: Lane<T>): void {
    this.held++;
    room.inHand++;
    lane.inHand++;
  }
}

function laneOf<T>(room: Room<T>, name: string): Lane<T> {
  let lane = room.lanes.get(name);
  if (lane === undefined) {
    lane = { inHand: 0, coming: 0, waiting: [] };
    room.lanes.set(name, lane);
  }
  return lane;
}
