import { STREAMS } from '@botplane/contracts';
import { streamConfigs } from '@botplane/nats';
import { nanos } from '@nats-io/nats-core';
import { SHORT_WINDOW_MS } from '../limits.ts';
import type { World } from '../world/world.ts';

/** The services keep five minutes, longer than a run takes. Each sets the streams as it wants them when it starts, so call it again then. */
export async function shortenWindow({ nats }: World): Promise<void> {
  await nats.jsm.streams.update(STREAMS.updates, { duplicate_window: nanos(SHORT_WINDOW_MS) });
}

export async function restoreWindow({ nats }: World): Promise<void> {
  const wanted = streamConfigs().find(({ name }) => name === STREAMS.updates);
  if (wanted?.duplicate_window !== undefined) await nats.jsm.streams.update(STREAMS.updates, { duplicate_window: wanted.duplicate_window });
}

/** Updates that the stream has ever taken: what the window dropped is not among them. */
export async function storedUpdates({ nats }: World): Promise<number> {
  return (await nats.jsm.streams.info(STREAMS.updates)).state.last_seq;
}
