import { STREAMS } from '@botplane/contracts';
import { OUTBOUND_PARTITIONS, UPDATE_PARTITIONS } from '@botplane/domain';
import type { Nats } from '@botplane/nats';
import type { Lag, LagSource } from '../../app/work-lag.ts';

/** Sums what the consumers of all owners have not settled. */
export class JetStreamLag implements LagSource {
  private readonly nats: Nats;

  constructor(nats: Nats) {
    this.nats = nats;
  }

  async read(): Promise<Lag> {
    const [updates, outbound] = await Promise.all([this.unsettled(STREAMS.updates, UPDATE_PARTITIONS), this.unsettled(STREAMS.outbound, OUTBOUND_PARTITIONS)]);
    return { updates, outbound };
  }

  private async unsettled(stream: string, partitions: number): Promise<number> {
    const claimed = new Set<string>();
    let sum = 0;
    for await (const { name, num_pending: pending, num_ack_pending: unacknowledged } of this.nats.jsm.consumers.list(stream)) {
      const [, partition] = /^x-[A-Z]+-(\d+)-/.exec(name) ?? [];
      if (partition === undefined) continue;
      claimed.add(partition);
      sum += pending + unacknowledged;
    }
    if (claimed.size === partitions) return sum;
    // A partition that nobody ever owned has no consumer: then all that lies in the stream counts, of which owners remove what is settled.
    return (await this.nats.jsm.streams.info(stream)).state.messages;
  }
}
