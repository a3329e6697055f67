import { assert, property, stringMatching, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions } from './assign-partitions.ts';

const members = uniqueArray(stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 9 }).map((names) => [...names].sort());

describe('assignPartitions', () => {
  it('gives every partition a living member, nobody more than its share', () => {
    assert(
      property(members, (names) => {
        const owners = assignPartitions(names, 64);
        expect(owners.every((owner) => names.includes(owner))).toBe(true);
        for (const name of names) expect(owners.filter((owner) => owner === name).length).toBeLessThanOrEqual(Math.ceil(64 / names.length));
      }),
    );
  });

  it('moves few partitions when a fourth member comes', () => {
    const before = assignPartitions(['a', 'b', 'c'], 64);
    const after = assignPartitions(['a', 'b', 'c', 'd'], 64);
    expect(before.filter((owner, partition) => owner !== after[partition]).length).toBeLessThan(40);
  });
});
