import { useEffect, useRef, useState } from 'preact/hooks';
import { loadChat, loadHistory } from './api.ts';
import type { Conversation } from './conversation.ts';
import { NOTHING, apply, idOf, prepend, startWith, trim } from './conversation.ts';
import type { Live } from './feed.ts';
import type { ChatEvent, ChatView, Person } from './types.ts';

/** Events come in bursts; commands, members and the like are looked at once after each. */
const REFRESH_MS = 300;
/** The webhook and the commands may change while nothing happens in the chat. */
const IDLE_REFRESH_MS = 10_000;

export interface ChatNow {
  view: ChatView | null;
  conversation: Conversation;
  /** The user's own votes by message id. */
  votes: Readonly<Record<number, number[]>>;
  problem: string;
  loadOlder: () => Promise<void>;
  /** Forgets what is far up, when one is back at the end. */
  forgetOlder: () => void;
  refresh: () => void;
}

/** Follows one chat as one user sees it: loads it, takes in what happens, and loads it anew after a lost connection. */
export function useChat(username: string, person: Person, chatId: number, live: Live, onEvent: (event: ChatEvent) => void): ChatNow {
  const [view, setView] = useState<ChatView | null>(null);
  const [conversation, setConversation] = useState<Conversation>(NOTHING);
  const [problem, setProblem] = useState('');
  const refresher = useRef<() => void>(() => undefined);
  const loading = useRef(false);
  const hear = useRef(onEvent);
  hear.current = onEvent;

  useEffect(() => {
    if (live.epoch === 0) return undefined;
    const gone = new AbortController();
    const { signal } = gone;
    let seen = Number.POSITIVE_INFINITY;
    let early: ChatEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const fail = (error: unknown): void => { if (!signal.aborted) setProblem(error instanceof TypeError ? '' : (error as Error).message); };

    const take = (event: ChatEvent): void => {
      if (event.chat_id !== chatId) return;
      if (seen === Number.POSITIVE_INFINITY) { early.push(event); return; }
      if (event.seq <= seen) return;
      seen = event.seq;
      setConversation((before) => apply(before, event, Date.now()));
      hear.current(event);
      refreshSoon(REFRESH_MS);
    };
    const refreshSoon = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void refresh(), ms);
    };
    const refresh = async (): Promise<void> => {
      try {
        const fresh = await loadChat(username, person, chatId, 0);
        if (!signal.aborted) setView(fresh);
      } catch (error) { fail(error); }
      if (!signal.aborted) refreshSoon(IDLE_REFRESH_MS);
    };
    const unsubscribe = live.feed.subscribe(take);
    refresher.current = () => void refresh();
    loadChat(username, person, chatId).then((fresh) => {
      if (signal.aborted) return;
      setView(fresh);
      setProblem('');
      setConversation(startWith(fresh));
      seen = fresh.seq;
      const waiting = early;
      early = [];
      waiting.forEach(take);
      refreshSoon(IDLE_REFRESH_MS);
    }, fail);
    return () => { gone.abort(); clearTimeout(timer); unsubscribe(); };
  }, [username, person.id, person.language_code, chatId, live.epoch]);

  const loadOlder = async (): Promise<void> => {
    const oldest = conversation.entries[0];
    if (loading.current || !conversation.more || !oldest) return;
    loading.current = true;
    try {
      const page = await loadHistory(username, chatId, idOf(oldest));
      setConversation((before) => prepend(before, page));
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      loading.current = false;
    }
  };
  const votes = Object.fromEntries((view?.votes ?? []).map(({ message_id, option_ids }) => [message_id, option_ids]));
  return { view, conversation, votes, problem, loadOlder, forgetOlder: () => setConversation(trim), refresh: () => refresher.current() };
}
