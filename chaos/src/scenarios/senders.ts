import type { Run } from '../run.ts';
import type { ServiceProcess } from '../world/service-process.ts';
import { partitionsOf } from './owners.ts';

/** Notes that deliveries died or stood still: what they had with Telegram may come again. The records of ownership name them until others take over, seconds later. */
export async function noteStopped(run: Run, senders: readonly ServiceProcess[], atMs = Date.now()): Promise<void> {
  const partitions = new Set((await partitionsOf(run.world, 'delivery', senders)).keys());
  const inFlightMax = run.crashed(atMs, partitions);
  run.print(`${senders.map(({ name }) => name).join(' and ')} had ${partitions.size} partitions and at most ${inFlightMax} calls in flight`);
}
