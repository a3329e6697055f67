import { BUCKETS, STREAMS } from '@botplane/contracts';
import type { OwnerRecord } from '@botplane/contracts';
import { OUTBOUND_PARTITIONS, UPDATE_PARTITIONS, updatePartition } from '@botplane/domain';
import { TypedBucket } from '@botplane/nats';
import { TAKEOVER_MS_MAX } from '../limits.ts';
import type { Injected } from '../load/feeder.ts';
import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import type { World } from '../world/world.ts';

/** Partition of UPDATES that the chat of this update lies in: the test bots keep their state by chat. */
export const partitionOf = ({ bot, chat }: Injected): number => updatePartition(bot.botId, `c${chat}`);

/** Services that own partitions. */
export type Owning = 'executor' | 'delivery';

/** What each owns partitions of. */
export const OWNED = {
  executor: { stream: STREAMS.updates, partitions: UPDATE_PARTITIONS },
  delivery: { stream: STREAMS.outbound, partitions: OUTBOUND_PARTITIONS },
} as const;

/** Partitions and the member that has each, which begins with the name of its process. */
async function owners({ nats }: World, kind: Owning): Promise<Map<number, string>> {
  const { stream, partitions } = OWNED[kind];
  const bucket = new TypedBucket<OwnerRecord>(nats.jsm, BUCKETS.owners);
  const records = await Promise.all(Array.from({ length: partitions }, (_, partition) => bucket.get(`${stream}.${partition}`)));
  return new Map(records.flatMap((record, partition) => (record?.value.member ? [[partition, record.value.member]] : [])));
}

/** What these processes own, or owned when they died, and under which member name. */
export async function partitionsOf(world: World, kind: Owning, processes: readonly ServiceProcess[]): Promise<Map<number, string>> {
  return new Map([...(await owners(world, kind))].filter(([, member]) => processes.some(({ name }) => member.startsWith(`${name}-`))));
}

/** How many partitions each of these processes owns. */
export async function ownedBy(world: World, kind: Owning, processes: readonly ServiceProcess[]): Promise<number[]> {
  const members = [...(await owners(world, kind)).values()];
  return processes.map(({ name }) => members.filter((member) => member.startsWith(`${name}-`)).length);
}

/** Whether nobody is left out, and nobody has more than an equal share, rounded up. */
export function isShared(owned: readonly number[], partitions: number): boolean {
  const shareMax = Math.ceil(partitions / owned.length);
  return owned.reduce((sum, count) => sum + count, 0) === partitions && owned.every((count) => count > 0 && count <= shareMax);
}

/** Waits until each of these partitions of UPDATES has another owner. */
export async function untilTakenOver(run: Run, orphaned: ReadonlyMap<number, string>): Promise<void> {
  const isTakenOver = async (): Promise<boolean> => {
    const now = await owners(run.world, 'executor');
    return [...orphaned].every(([partition, member]) => now.has(partition) && now.get(partition) !== member);
  };
  if (!(await run.until(isTakenOver, TAKEOVER_MS_MAX))) throw new Error(`partitions of a dead executor have no other owner after ${TAKEOVER_MS_MAX / 1_000} s`);
}
