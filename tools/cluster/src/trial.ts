/** Something that is done to find out whether it can be, and how it is taken back. */
export interface Trial {
  readonly make: () => Promise<unknown>;
  readonly undo: () => Promise<unknown>;
}

/**
 * Rejects when it cannot be done. Takes back first what a trial left that was killed in between, else that one would be refused for ever
 * because its name is taken; and takes back what it made, also when it was made only halfway.
 */
export async function tryOut({ make, undo }: Trial): Promise<void> {
  await undo().catch(() => undefined); // As a rule nothing is there.
  try {
    await make();
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
  }
  await undo();
}
