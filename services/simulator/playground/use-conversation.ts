import { useEffect, useState } from 'preact/hooks';
import { loadChat, nextEvents } from './api.ts';
import type { Conversation } from './conversation.ts';
import { apply, startWith } from './conversation.ts';
import type { Chat, ChatEvent, Person } from './types.ts';

/** Pause before the next try when the simulator does not answer. */
const RETRY_MS = 1_000;

export interface Live {
  chat: Chat | null;
  conversation: Conversation;
  /** Grows with each event. */
  version: number;
  /** Why there is no connection; empty while there is one. */
  problem: string;
}

const NOTHING: Live = { chat: null, conversation: startWith([]), version: 0, problem: '' };

/** Follows a person's chat with a bot: loads it, then takes in what happens, over restarts of the simulator too. */
export function useConversation(username: string, person: Person, onEvent: (event: ChatEvent) => void): Live {
  const [live, setLive] = useState<Live>(NOTHING);
  useEffect(() => {
    const abort = new AbortController();
    setLive(NOTHING);
    void follow(abort.signal);
    return () => abort.abort();

    async function follow(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        try {
          const chat = await loadChat(username, person);
          if (signal.aborted) return;
          setLive((before) => ({ chat, conversation: startWith(chat.messages), version: before.version + 1, problem: '' }));
          await listen(chat, signal);
        } catch (error) {
          if (signal.aborted) return;
          const problem = error instanceof TypeError ? 'No connection to the simulator. Trying again …' : (error as Error).message;
          setLive((before) => ({ ...before, problem }));
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    }

    async function listen(chat: Chat, signal: AbortSignal): Promise<void> {
      for (let after = chat.seq; ;) {
        const { events } = await nextEvents(chat.token, person.id, after, signal);
        after = events.at(-1)?.seq ?? after;
        if (events.length > 0) take(events);
        // Commands and the webhook may have changed while nothing happened in the chat.
        const fresh = await loadChat(username, person);
        if (fresh.seq < after) return;
        setLive((before) => ({ ...before, chat: fresh, problem: '' }));
      }
    }

    function take(events: ChatEvent[]): void {
      setLive((before) => ({
        ...before, version: before.version + events.length,
        conversation: events.reduce((conversation, event) => apply(conversation, event, Date.now()), before.conversation),
      }));
      events.forEach(onEvent);
    }
  }, [username, person.id, person.language_code]);
  return live;
}
