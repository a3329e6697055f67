import type { JetStreamManager } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/nats-core';

/** A message of a partition: as it was delivered, or read again from the stream when its turn came. */
export interface PartitionMessage {
  readonly subject: string;
  readonly seq: number;
  readonly headers?: Pick<MsgHdrs, 'get'> | undefined;
  string(): string;
}

/** One message of a stream; undefined when it is there no more. */
export async function readAgain(jsm: JetStreamManager, stream: string, seq: number): Promise<PartitionMessage | undefined> {
  // Any replica may answer the first question, and one that lags behind does not know of it yet: only the leader can say that it is gone.
  const stored = (await jsm.direct.getMessage(stream, { seq })) ?? (await jsm.streams.getMessage(stream, { seq }));
  return stored === null ? undefined : { subject: stored.subject, seq: stored.seq, headers: stored.header, string: () => stored.string() };
}
