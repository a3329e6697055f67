import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rooms } from './rooms.ts';

const SUBJECTS = ['a', 'b'] as const;
const LANES = ['1', '2', '3'] as const;
const LIMITS = { subjectMax: 4, laneMax: 2 };

/** Rooms with what a partition does around them, and what came in hand. */
class Partition {
  readonly rooms = new Rooms<string>(LIMITS);
  readonly arrived: string[] = [];
  readonly inHand: string[] = [];

  come(subject: string, lane: string, n: number): void {
    if (this.rooms.enter(subject, lane, String(n))) this.hand(subject, lane, String(n));
  }

  settle(at: number): void {
    const [key] = this.inHand.splice(at % Math.max(1, this.inHand.length), 1);
    const [subject, lane] = key?.split('/') ?? [];
    if (subject !== undefined && lane !== undefined) this.rooms.leave(subject, lane);
  }

  bring(subject: string, max: number): void {
    for (const { lane, message } of this.rooms.take(subject, max)) {
      this.rooms.arrive(subject, lane);
      this.hand(subject, lane, message);
    }
  }

  private hand(subject: string, lane: string, n: string): void {
    this.arrived.push(`${subject}/${lane}/${n}`);
    this.inHand.push(`${subject}/${lane}`);
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('come' as const), subject: fc.constantFrom(...SUBJECTS), lane: fc.constantFrom(...LANES) }),
  fc.record({ kind: fc.constant('settle' as const), at: fc.nat(20) }),
  fc.record({ kind: fc.constant('bring' as const), subject: fc.constantFrom(...SUBJECTS), max: fc.integer({ min: 1, max: 5 }) }),
);

describe('Rooms', () => {
  it('keeps its bounds and the order of each lane, whatever comes and goes, and forgets nobody', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const partition = new Partition();
      let came = 0;
      for (const one of steps) {
        if (one.kind === 'come') partition.come(one.subject, one.lane, came++);
        else if (one.kind === 'settle') partition.settle(one.at);
        else partition.bring(one.subject, one.max);
        for (const subject of SUBJECTS) expect(partition.inHand.filter((key) => key.startsWith(subject)).length).toBeLessThanOrEqual(LIMITS.subjectMax);
        for (const key of partition.inHand) expect(partition.inHand.filter((other) => other === key).length).toBeLessThanOrEqual(LIMITS.laneMax);
        expect(partition.rooms.inHand).toBe(partition.inHand.length);
      }
      while (partition.inHand.length > 0) {
        partition.settle(0);
        for (const subject of SUBJECTS) partition.bring(subject, 3);
      }
      expect(partition.arrived).toHaveLength(came);
      for (const lane of SUBJECTS.flatMap((subject) => LANES.map((name) => `${subject}/${name}/`))) {
        const numbers = partition.arrived.filter((key) => key.startsWith(lane)).map((key) => Number(key.slice(lane.length)));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    }));
  });

  it('lets nothing overtake what was taken and is still on its way', () => {
    const rooms = new Rooms<number>({ subjectMax: 4, laneMax: 1 });
    expect([1, 2].map((n) => rooms.enter('a', '1', n))).toEqual([true, false]);
    rooms.leave('a', '1');
    expect(rooms.take('a', 9)).toEqual([{ lane: '1', message: 2 }]);
    expect(rooms.enter('a', '1', 3)).toBe(false);
  });

  it('serves the lanes that wait in turn', () => {
    const rooms = new Rooms<string>({ subjectMax: 1, laneMax: 1 });
    rooms.enter('a', 'x', 'x1');
    for (const [lane, message] of [['x', 'x2'], ['x', 'x3'], ['y', 'y1'], ['y', 'y2']] as const) rooms.enter('a', lane, message);
    const served: string[] = [];
    for (let last = 'x'; served.length < 4; ) {
      rooms.leave('a', last);
      for (const { lane, message } of rooms.take('a', 9)) {
        rooms.arrive('a', lane);
        served.push(message);
        last = lane;
      }
    }
    expect(served).toEqual(['x2', 'y1', 'x3', 'y2']);
  });

  it('is full for one subject and lane only', () => {
    const rooms = new Rooms<number>({ subjectMax: 2, laneMax: 1 });
    expect([rooms.enter('a', '1', 1), rooms.enter('a', '1', 2), rooms.enter('a', '2', 3), rooms.enter('a', '3', 4), rooms.enter('b', '1', 5)]).toEqual([true, false, true, false, true]);
    expect([rooms.hasWaiting('a'), rooms.hasWaiting('b')]).toEqual([true, false]);
  });
});
