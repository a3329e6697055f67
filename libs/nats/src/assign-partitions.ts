import { hash32 } from '@botplane/domain';

/**
 * Wanted owner of every partition: rendezvous hashing with at most ceil(partitions / members) each, so that no member has a
 * multiple of another's share. Every member that sees the same members computes the same result.
 */
export function assignPartitions(members: readonly string[], partitions: number): string[] {
  const capacity = Math.ceil(partitions / Math.max(1, members.length));
  const load = new Map<string, number>();
  return Array.from({ length: partitions }, (_, partition) => {
    const ranked = members.map((member) => ({ member, weight: hash32(`${partition}/${member}`) })).sort((a, b) => b.weight - a.weight || (a.member < b.member ? -1 : 1));
    const owner = ranked.find(({ member }) => (load.get(member) ?? 0) < capacity)?.member ?? '';
    load.set(owner, (load.get(owner) ?? 0) + 1);
    return owner;
  });
}
