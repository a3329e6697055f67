/** What one subject, and one lane of it, may have in hand. */
export interface RoomLimits {
  subjectMax: number;
  laneMax: number;
}

interface Lane<T> {
  inHand: number;
  /** Taken from those that wait and not yet in hand: what comes now must not overtake them. */
  coming: number;
  readonly waiting: T[];
}

interface Room<T> {
  inHand: number;
  waiting: number;
  /** Those with somebody waiting stand in the order in which they are served. */
  readonly lanes: Map<string, Lane<T>>;
}

/**
 * Places for the messages of a partition: so many per subject (a bot), and so many per lane of it (what is kept in order: a chat). What finds
 * no place waits, in order within its lane, and holds up neither other subjects nor other lanes.
 */
export class Rooms<T> {
  private readonly rooms = new Map<string, Room<T>>();
  private held = 0;

  constructor(private readonly limits: RoomLimits) {}

  /** Messages that have a place. */
  get inHand(): number {
    return this.held;
  }

  /** True: it has a place. False: it waits. */
  enter(subject: string, lane: string, message: T): boolean {
    const room = this.roomOf(subject);
    const at = laneOf(room, lane);
    if (at.waiting.length > 0 || at.coming > 0 || !this.hasPlace(room, at)) {
      at.waiting.push(message);
      room.waiting++;
      return false;
    }
    this.seat(room, at);
    return true;
  }

  /** One that had a place is done. */
  leave(subject: string, lane: string): void {
    const room = this.rooms.get(subject);
    const at = room?.lanes.get(lane);
    if (room === undefined || at === undefined) return;
    this.held--;
    room.inHand--;
    at.inHand--;
    this.forget(subject, room, lane, at);
  }

  hasWaiting(subject: string): boolean {
    return (this.rooms.get(subject)?.waiting ?? 0) > 0;
  }

  /** Those of a subject that wait and for which there is a place now, which they have from here on: at most `max`, and one of each lane. Say `arrive` of each, in this order. */
  take(subject: string, max: number): { lane: string; message: T }[] {
    const room = this.rooms.get(subject);
    const taken: { lane: string; message: T }[] = [];
    if (room === undefined || room.waiting === 0) return taken;
    for (const [lane, at] of [...room.lanes]) {
      if (taken.length === max || room.inHand === this.limits.subjectMax) break;
      const message = this.hasPlace(room, at) ? at.waiting.shift() : undefined;
      if (message === undefined) continue;
      this.seat(room, at);
      room.waiting--;
      at.coming++;
      taken.push({ lane, message });
      // Behind the others, who come first the next time.
      room.lanes.delete(lane);
      room.lanes.set(lane, at);
    }
    return taken;
  }

  /** One that was taken is in hand now. */
  arrive(subject: string, lane: string): void {
    const at = this.rooms.get(subject)?.lanes.get(lane);
    if (at !== undefined) at.coming--;
  }

  private roomOf(subject: string): Room<T> {
    let room = this.rooms.get(subject);
    if (room === undefined) {
      room = { inHand: 0, waiting: 0, lanes: new Map() };
      this.rooms.set(subject, room);
    }
    return room;
  }

  private hasPlace(room: Room<T>, lane: Lane<T>): boolean {
    return room.inHand < this.limits.subjectMax && lane.inHand < this.limits.laneMax;
  }

  private seat(room: Room<T>, lane: Lane<T>): void {
    this.held++;
    room.inHand++;
    lane.inHand++;
  }

  private forget(subject: string, room: Room<T>, lane: string, at: Lane<T>): void {
    if (at.inHand === 0 && at.waiting.length === 0) room.lanes.delete(lane);
    if (room.lanes.size === 0) this.rooms.delete(subject);
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
