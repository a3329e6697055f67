let waiting: (() => void)[] = [];

/**
 * Calls back when the event loop has seen all that came in at the same time. The client writes to its socket once for everything that is
 * sent together after that, and a write costs as much as the rest of a message. The work must not throw.
 */
export function atEndOfTurn(work: () => void): void {
  if (waiting.push(work) === 1) setImmediate(endTurn);
}

/** Resolves when `atEndOfTurn` calls back. */
export function endOfTurn(): Promise<void> {
  return new Promise(atEndOfTurn);
}

function endTurn(): void {
  const works = waiting;
  waiting = [];
  for (const work of works) work();
}
