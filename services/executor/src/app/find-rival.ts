import type { ChatRecord } from '@botplane/contracts';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import { rivalsOf } from '../domain/rivals.ts';
import { LIMITS } from '../limits.ts';
import type { Chain } from './chain.ts';
import { GuestFailure } from './failures.ts';

/** Looks for a newer message that takes the place of the one being worked on, during one try of it. */
export class RivalFinder {
  /** Messages that the bot ignores take nobody's place, and do not change their mind: the state stays as it is while the head runs. */
  private readonly harmless = new Set<number>();

  constructor(
    private readonly head: IncomingUpdate,
    private readonly chain: Chain,
    private readonly record: ChatRecord | undefined,
    /** The outcome that an update would have now; nothing of it counts. */
    private readonly outcomeOf: (update: IncomingUpdate) => Promise<'handled' | 'ignored' | 'failed'>,
  ) {}

  /** The newest one; undefined when there is none. Throws TemporaryFailure. */
  async find(): Promise<IncomingUpdate | undefined> {
    const rivals = rivalsOf(this.head, this.chain.behindHead(), this.record).filter(({ seq }) => !this.harmless.has(seq));
    for (const rival of rivals.slice(0, LIMITS.rivalsLookedAtMax)) {
      if (await this.isTaken(rival)) return rival;
      this.harmless.add(rival.seq);
    }
    return undefined;
  }

  /** The work, or the rival that came before it was done; the work is then told to stop, and its result does not count. */
  async unlessSuperseded<T>(work: (stop: AbortSignal) => Promise<T>): Promise<{ result: T } | { rival: IncomingUpdate }> {
    const stop = new AbortController();
    let seen = this.chain.arrived;
    const result = work(stop.signal).then((value) => ({ result: value }));
    try {
      for (;;) {
        const done = await Promise.race([result, this.chain.grown(seen).then(() => undefined)]);
        if (done !== undefined) return done;
        seen = this.chain.arrived;
        const rival = await this.find();
        if (rival !== undefined) return { rival };
      }
    } finally {
      stop.abort();
      result.catch(() => undefined);
    }
  }

  private async isTaken(update: IncomingUpdate): Promise<boolean> {
    try {
      return (await this.outcomeOf(update)) !== 'ignored';
    } catch (error) {
      // One that breaks the bot ends in the dead letters: it must not take a good one with it.
      if (error instanceof GuestFailure) return false;
      throw error;
    }
  }
}
