import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rooms } from './rooms.ts';

const SUBJECTS = ['a', 'b'] as const;
const LANES = ['1', '2', '3'] as const;
const LIMITS = { allMax: 6, subjectMax: 4, laneMax: 2 };

/** Rooms with what a partition does around them, and what came in hand. */
class Partition {
  readonly rooms = new Rooms<string>(LIMITS);
  readonly arrived: string[] = [];
  readonly inHand: string[] = [];

  come(subject: string, lane: string, n: number): void {
    if (this.rooms.enter(subject, lane, () => String(n))) this.hand(subject, lane, String(n));
  }

  settle(at: number): void {
    const [key] = this.inHand.splice(at % Math.max(1, this.inHand.length), 1);
    const [subject, lane] = key?.split('/') ?? [];
    if (subject !== undefined && lane !== undefined) this.rooms.leave(subject, lane);
  }

  bring(max: number): void {
    for (const seated of this.rooms.take(max)) {
      this.rooms.arrive(seated);
      this.hand(seated.subject, seated.lane, seated.message);
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
  fc.record({ kind: fc.constant('bring' as const), max: fc.integer({ min: 1, max: 5 }) }),
);

describe('Rooms', () => {
  it('keeps its bounds and the order of each lane, whatever comes and goes, and forgets nobody', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const partition = new Partition();
      let came = 0;
      for (const one of steps) {
        if (one.kind === 'come') partition.come(one.subject, one.lane, came++);
        else if (one.kind === 'settle') partition.settle(one.at);
        else partition.bring(one.max);
        expect(partition.inHand.length).toBeLessThanOrEqual(LIMITS.allMax);
        for (const subject of SUBJECTS) expect(partition.inHand.filter((key) => key.startsWith(subject)).length).toBeLessThanOrEqual(LIMITS.subjectMax);
        for (const key of partition.inHand) expect(partition.inHand.filter((other) => other === key).length).toBeLessThanOrEqual(LIMITS.laneMax);
        expect(partition.rooms.inHand).toBe(partition.inHand.length);
      }
      while (partition.inHand.length > 0) {
        partition.settle(0);
        partition.bring(3);
      }
      expect(partition.arrived).toHaveLength(came);
      for (const lane of SUBJECTS.flatMap((subject) => LANES.map((name) => `${subject}/${name}/`))) {
        const numbers = partition.arrived.filter((key) => key.startsWith(lane)).map((key) => Number(key.slice(lane.length)));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    }));
  });

  it('lets nothing overtake what was taken and is still on its way', () => {
    const rooms = new Rooms<number>({ allMax: 9, subjectMax: 4, laneMax: 1 });
    expect([1, 2].map((n) => rooms.enter('a', '1', () => n))).toEqual([true, false]);
    rooms.leave('a', '1');
    expect(rooms.take(9)).toEqual([{ subject: 'a', lane: '1', message: 2 }]);
    expect(rooms.enter('a', '1', () => 3)).toBe(false);
  });

  it('serves the subjects that wait in turn, and the lanes of each', () => {
    const rooms = new Rooms<string>({ allMax: 1, subjectMax: 1, laneMax: 1 });
    rooms.enter('a', 'x', () => 'first');
    for (const [subject, lane] of [['a', 'x'], ['a', 'x'], ['a', 'y'], ['b', 'z'], ['b', 'z']] as const) rooms.enter(subject, lane, () => `${subject}${lane}`);
    const served: string[] = [];
    for (let last = { subject: 'a', lane: 'x' }; served.length < 5; ) {
      rooms.leave(last.subject, last.lane);
      for (const seated of rooms.take(9)) {
        rooms.arrive(seated);
        served.push(seated.message);
        last = seated;
      }
    }
    expect(served).toEqual(['ax', 'bz', 'ay', 'bz', 'ax']);
  });

  it('takes all of a lane for which there is room, in order', () => {
    const rooms = new Rooms<number>({ allMax: 9, subjectMax: 9, laneMax: 3 });
    for (let n = 1; n <= 7; n++) rooms.enter('a', 'x', () => n);
    for (let n = 0; n < 2; n++) rooms.leave('a', 'x');
    expect(rooms.take(9).map(({ message }) => message)).toEqual([4, 5]);
  });

  it('is full for one subject and lane only', () => {
    const rooms = new Rooms<number>({ allMax: 9, subjectMax: 2, laneMax: 1 });
    const enter = (subject: string, lane: string): boolean => rooms.enter(subject, lane, () => 0);
    expect([enter('a', '1'), enter('a', '1'), enter('a', '2'), enter('a', '3'), enter('b', '1')]).toEqual([true, false, true, false, true]);
  });

  it('gives no place to a newcomer for which others of its subject wait', () => {
    const rooms = new Rooms<string>({ allMax: 9, subjectMax: 1, laneMax: 1 });
    rooms.enter('a', 'x', () => 'x');
    rooms.enter('a', 'y', () => 'y');
    rooms.leave('a', 'x');
    expect(rooms.enter('a', 'z', () => 'z')).toBe(false);
    expect(rooms.take(9).map(({ message }) => message)).toEqual(['y']);
  });
});
