import { setTimeout as sleep } from 'node:timers/promises';

/** Sleeps, but wakes up early when the signal aborts. Does not keep the process alive by itself. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
