import { STREAMS } from '@botplane/contracts';
import { streamConfigs } from '@botplane/nats';
import { nanos } from '@nats-io/nats-core';
import type { Arrival } from '../check/arrivals.ts';
import { SHORT_WINDOW_MS } from '../limits.ts';
import type { World } from '../world/world.ts';

/** A server forgets a message some time after its window is over. */
const FORGET_MS_MAX = 500;

/** The duplicate window of UPDATES, shortened: the services keep five minutes, longer than a run takes. */
export class DuplicateWindow {
  /** From when to when a service that started may have set the stream as it wants it. */
  private readonly wide: { fromMs: number; untilMs: number }[] = [];
  private widenedMs: number | undefined;

  /** Call before a service starts that sets the streams, and `shorten` when it is ready. */
  widened(atMs: number): void {
    this.widenedMs ??= atMs;
  }

  async shorten({ nats }: World): Promise<void> {
    await nats.jsm.streams.update(STREAMS.updates, { duplicate_window: nanos(SHORT_WINDOW_MS) });
    if (this.widenedMs !== undefined) this.wide.push({ fromMs: this.widenedMs, untilMs: Date.now() });
    this.widenedMs = undefined;
  }

  async restore({ nats }: World): Promise<void> {
    const wanted = streamConfigs().find(({ name }) => name === STREAMS.updates);
    if (wanted?.duplicate_window !== undefined) await nats.jsm.streams.update(STREAMS.updates, { duplicate_window: wanted.duplicate_window });
  }

  /** Whether a copy certainly came while the first delivery was remembered, or certainly when it was forgotten. */
  placeOf(first: Arrival, copy: Arrival): 'inside' | 'after' | 'unclear' {
    if (copy.storedMs - first.fromMs < SHORT_WINDOW_MS) return 'inside';
    return copy.fromMs > this.forgottenMs(first) ? 'after' : 'unclear';
  }

  /** By when a delivery is forgotten; what is remembered when the window widens, only once it has been short for its length again. */
  forgottenMs({ storedMs }: Arrival): number {
    const shortMs = SHORT_WINDOW_MS + FORGET_MS_MAX;
    const atMs = this.wide.reduce((ms, { fromMs, untilMs }) => (ms >= fromMs ? Math.max(ms, untilMs + shortMs) : ms), storedMs + shortMs);
    return atMs >= (this.widenedMs ?? Number.POSITIVE_INFINITY) ? Number.POSITIVE_INFINITY : atMs;
  }
}

/** Updates that the stream has ever taken: what the window dropped is not among them. */
export async function storedUpdates({ nats }: World): Promise<number> {
  return (await nats.jsm.streams.info(STREAMS.updates)).state.last_seq;
}
