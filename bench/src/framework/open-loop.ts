import { setTimeout as sleep } from 'node:timers/promises';
import { OPEN_LOOP_TICK_MS } from './limits.ts';

export interface OpenLoopOptions {
  ratePerSecond: number;
  durationMs: number;
  /** Sends under way at the same time; what is due beyond waits, and its waiting counts. */
  inFlightMax: number;
  /** Sends the n-th; false or a rejection: it failed. */
  send: (n: number) => Promise<boolean>;
}

export interface OpenLoopResult {
  /** From the time at which it should have been sent, ms; of what succeeded. */
  latenciesMs: number[];
  failed: number;
  /** From the first send to the last answer. */
  tookMs: number;
}

/** Sends at a steady rate whatever the answers take, as people do. Resolves when all are answered. */
export async function openLoop({ ratePerSecond, durationMs, inFlightMax, send }: OpenLoopOptions): Promise<OpenLoopResult> {
  const count = Math.round((ratePerSecond * durationMs) / 1_000);
  const latenciesMs: number[] = [];
  const underway = new Set<Promise<void>>();
  let failed = 0;
  const startedMs = performance.now();

  const sendOne = async (n: number): Promise<void> => {
    const isDone = await send(n).catch(() => false);
    if (isDone) latenciesMs.push(performance.now() - startedMs - (n * 1_000) / ratePerSecond);
    else failed++;
  };

  for (let sent = 0; sent < count; ) {
    const dueCount = Math.min(count, Math.floor(((performance.now() - startedMs) * ratePerSecond) / 1_000) + 1);
    for (; sent < dueCount && underway.size < inFlightMax; sent++) {
      const sending = sendOne(sent).then(() => void underway.delete(sending));
      underway.add(sending);
    }
    await sleep(OPEN_LOOP_TICK_MS);
  }
  await Promise.all(underway);
  return { latenciesMs, failed, tookMs: performance.now() - startedMs };
}
