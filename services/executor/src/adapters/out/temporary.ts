import { TemporaryFailure } from '../../app/failures.ts';

/** Runs something that talks to a server; its failure is an outage of `what`. */
export async function orTemporary<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new TemporaryFailure(what, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
