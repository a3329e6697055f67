import { LIMITS } from './limits.ts';

let waiting: (() => void)[] = [];
let lastMs = 0;

/**
 * Calls back when the event loop has seen all that came in at the same time, and not before the gap after the last time is over. The
 * client writes to its socket once for everything that is sent together after that: a write costs as much as the rest of a message, here
 * and in the server. A message that nothing went before goes at once. The work must not throw.
 */
export function atEndOfTurn(work: () => void): void {
  if (waiting.push(work) > 1) return;
  if (performance.now() - lastMs >= LIMITS.writeGapMs) setImmediate(endTurn);
  else setTimeout(endTurn, LIMITS.writeGapMs);
}

/** Resolves when `atEndOfTurn` calls back. */
export function endOfTurn(): Promise<void> {
  return new Promise(atEndOfTurn);
}

function endTurn(): void {
  lastMs = performance.now();
  const works = waiting;
  waiting = [];
  for (const work of works) work();
}
