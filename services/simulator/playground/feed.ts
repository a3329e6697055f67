import { useEffect, useState } from 'preact/hooks';
import { lastSeq, nextEvents } from './api.ts';
import type { ChatEvent } from './types.ts';

/** Pauses before the next try when the simulator does not answer. */
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 5_000;

export type FeedState = 'connecting' | 'live' | 'lost';
type Listener = (event: ChatEvent) => void;

/** Everything that happens to one bot: one long poll for all panes, since a browser opens only a few connections. */
export class Feed {
  private readonly listeners = new Set<Listener>();

  constructor(private readonly username: string) {}

  /** Hears of events from now on; ends with the function it gives. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Follows the bot until the signal; `onState` hears each change, and `live` each time that what is shown must be loaded anew. */
  async run(signal: AbortSignal, onState: (state: FeedState, problem: string) => void): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    while (!signal.aborted) {
      try {
        const start = await lastSeq(this.username, signal);
        retryMs = RETRY_MS_MIN;
        onState('live', '');
        await this.listen(start, signal);
      } catch (error) {
        if (signal.aborted) return;
        onState('lost', error instanceof TypeError ? 'No connection to the simulator. Trying again …' : (error as Error).message);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  }

  /** Returns when the simulator counts from anew. */
  private async listen(start: number, signal: AbortSignal): Promise<void> {
    for (let after = start; !signal.aborted;) {
      const { events, seq } = await nextEvents(this.username, after, signal);
      if (seq < after) return;
      for (const event of events) for (const listener of this.listeners) listener(event);
      after = events.at(-1)?.seq ?? after;
    }
  }
}

export interface Live {
  feed: Feed;
  state: FeedState;
  problem: string;
  /** Grows when a connection was made; then panes load what they show. 0: none yet. */
  epoch: number;
}

/** The feed of a bot while its page is shown. */
export function useFeed(username: string): Live {
  const [live, setLive] = useState<Live>(() => ({ feed: new Feed(username), state: 'connecting', problem: '', epoch: 0 }));
  useEffect(() => {
    const abort = new AbortController();
    void live.feed.run(abort.signal, (state, problem) => setLive((before) => ({ ...before, state, problem, epoch: state === 'live' ? before.epoch + 1 : before.epoch })));
    return () => abort.abort();
  }, []);
  return live;
}
