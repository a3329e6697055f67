let turn: Promise<void> | undefined;

/**
 * Resolves when the event loop has seen all that came in at the same time. The client writes to its socket once for everything that is
 * sent together after that, and a write costs as much as the rest of a message.
 */
export function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
