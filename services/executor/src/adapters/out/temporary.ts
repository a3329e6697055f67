import { TooLargeError } from '@botplane/nats';
import { TemporaryFailure } from '../../app/failures.ts';

/** Runs something that talks to a server; its failure is an outage of `what`, unless what we sent can never be taken. */
export async function orTemporary<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TooLargeError || error instanceof TypeError) throw error;
    throw new TemporaryFailure(what, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
