import type { GuestInput, GuestOutput } from '@botplane/contracts';
import type { Span } from '@botplane/kit';
import { GuestFailure, TemporaryFailure } from '../../app/failures.ts';
import type { GuestAddress, Guests } from '../../app/ports.ts';
import { BadGuestOutput } from '../../domain/guest-output.ts';
import type { RevisionCounter } from '../../domain/revision-counter.ts';

/** Counts by revision what steps come to; rollouts are judged by that. */
export class CountedGuests implements Guests {
  constructor(
    private readonly guests: Guests,
    private readonly counter: RevisionCounter,
  ) {}

  async run(address: GuestAddress, input: GuestInput, span?: Span): Promise<GuestOutput> {
    const { revision } = input.env;
    const startedMs = performance.now();
    try {
      const output = await this.guests.run(address, input, span);
      // What is sent on to another revision is that one's to answer for.
      if (output.redirect === undefined) this.counter.step(address.botId, revision, performance.now() - startedMs, output.request === undefined && output.outcome.kind === 'failed');
      return output;
    } catch (error) {
      if (error instanceof TemporaryFailure) throw error;
      const failure = error instanceof BadGuestOutput ? new GuestFailure('bad_output', error.message, { cause: error }) : error;
      this.counter.failure(address.botId, revision, failure instanceof GuestFailure && failure.code === 'overrun');
      if (failure instanceof GuestFailure) failure.revision = revision;
      throw failure;
    }
  }
}
