import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { press, send } from './api.ts';
import { Bubble } from './bubble.tsx';
import { Composer } from './composer.tsx';
import { forcedReply, idOf, keyboardOf } from './conversation.ts';
import type { Entry } from './conversation.ts';
import { Drawer } from './drawer.tsx';
import { Avatar, Icon } from './icons.tsx';
import { LANGUAGES, loadPeople, saveLanguage } from './people.ts';
import { readFile } from './read-file.ts';
import { Alert, Toast } from './toast.tsx';
import type { ChatEvent, InlineButton, KeyboardButton, Message, Person } from './types.ts';
import { useConversation } from './use-conversation.ts';

/** A button stops looking busy after this long without an answer. */
const PRESS_MS_MAX = 10_000;

/** The chat with one bot. */
export function ChatPage({ username }: { username: string }): JSX.Element {
  const [people, setPeople] = useState(loadPeople);
  const [who, setWho] = useState<0 | 1>(0);
  const [toast, setToast] = useState('');
  const [alert, setAlert] = useState('');
  const [waiting, setWaiting] = useState<{ messageId: number; data: string } | null>(null);
  const [inspected, setInspected] = useState<Message | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const person = people[who];

  const onEvent = (event: ChatEvent): void => {
    if (event.kind !== 'callback_answer') return;
    setWaiting(null);
    if (event.show_alert && event.text !== '') setAlert(event.text);
    else if (event.text !== '') setToast(event.text);
    if (/^https?:/.test(event.url)) window.open(event.url, '_blank', 'noopener');
  };
  const { chat, conversation, version, problem } = useConversation(username, person, onEvent);
  const { entries } = conversation;
  const keyboard = keyboardOf(entries);
  const replyTo = forcedReply(entries);

  useEffect(() => { document.title = chat ? `${chat.name} · Playground` : 'Playground'; }, [chat?.name]);
  useEffect(() => { if (replyTo) input.current?.focus(); }, [replyTo?.message_id]);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setWaiting(null), PRESS_MS_MAX);
    return () => clearTimeout(timer);
  }, [waiting]);

  const attempt = async (action: () => Promise<unknown>): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      setToast(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
  const say = (content: Record<string, unknown>): Promise<boolean> =>
    attempt(async () => chat && send(chat.token, person, content));
  const sendText = (text: string): Promise<boolean> =>
    say({ text: text.trim(), ...(replyTo && { reply_to_message: { message_id: replyTo.message_id } }) });
  const onPress = (message: Message, button: InlineButton): void => {
    const { callback_data: data, url } = button;
    if (data === undefined) {
      if (url !== undefined && /^https?:/i.test(url)) window.open(url, '_blank', 'noopener');
      else setToast('The playground cannot open this kind of button.');
      return;
    }
    setWaiting({ messageId: message.message_id, data });
    void attempt(async () => chat && press(chat.token, person, message.message_id, data)).then((ok) => { if (!ok) setWaiting(null); });
  };
  const onKey = (button: KeyboardButton): void => {
    if (button.request_contact) void say({ contact: { phone_number: `+4930${person.id}567`, first_name: person.first_name, user_id: person.id } });
    else if (button.request_location) void say({ location: { latitude: 50.4501, longitude: 30.5234 } });
    else void sendText(button.text);
  };
  const speak = (language_code: string): void => {
    const changed = { ...person, language_code };
    saveLanguage(changed);
    setPeople(who === 0 ? [changed, people[1]] : [people[0], changed]);
  };
  const current = inspected && entries.find((entry) => idOf(entry) === inspected.message_id);
  const shown = current?.kind === 'message' ? current.message : inspected;
  const close = (): void => { setInspected(null); input.current?.focus(); };

  return (
    <div class={`page${shown ? ' with-drawer' : ''}`} onKeyDown={(event) => { if (event.key === 'Escape' && shown) close(); }}>
      <main class="chat">
        <header class="top">
          <a class="round" href="/play" aria-label="All bots"><Icon name="back" /></a>
          <Avatar name={chat?.name ?? username} />
          <div class="who">
            <h1>{chat?.name ?? username}</h1>
            <p>{chat && !chat.live ? <span class="waits">no webhook{chat.pending > 0 ? `, ${chat.pending} waiting` : ''}</span> : `@${username}`}</p>
          </div>
          <PersonSwitch people={people} who={who} onChoose={(next) => { setWho(next); setInspected(null); setWaiting(null); }} onSpeak={speak} />
        </header>
        {problem !== '' && <p class="banner" role="status">{problem}</p>}
        <Log
          key={person.id} name={chat?.name ?? username} entries={entries} loaded={chat !== null} action={conversation.action}
          render={(message, first) => (
            <Bubble
              key={message.message_id} message={message} token={chat?.token ?? ''} first={first} selected={shown?.message_id === message.message_id}
              waiting={waiting?.messageId === message.message_id ? waiting.data : null}
              onPress={onPress} onCommand={(command) => void sendText(command)} onInspect={setInspected}
            />
          )}
        />
        {chat && entries.length === 0 ? (
          <footer class="composer start"><button type="button" class="primary" onClick={() => void sendText('/start')}>Start</button></footer>
        ) : (
          <Composer key={person.id} commands={chat?.commands ?? []} keyboard={keyboard?.markup ?? null} replyTo={replyTo} input={input}
            onSend={sendText} onKey={onKey} onFile={(file) => void attempt(async () => say(await readFile(file)))} />
        )}
        <Toast text={toast} onDone={() => setToast('')} />
      </main>
      {shown && <Drawer key={shown.message_id} username={username} chatId={person.id} message={shown} version={version} onClose={close} />}
      <Alert text={alert} from={chat?.name ?? username} onDone={() => { setAlert(''); input.current?.focus(); }} />
    </div>
  );
}

interface SwitchProps {
  people: [Person, Person];
  who: 0 | 1;
  onChoose: (who: 0 | 1) => void;
  onSpeak: (language: string) => void;
}

/** Who is writing, and in which language their Telegram is. */
function PersonSwitch({ people, who, onChoose, onSpeak }: SwitchProps): JSX.Element {
  return (
    <div class="person">
      <div class="segments" role="radiogroup" aria-label="Send as">
        {people.map((person, i) => (
          <label key={person.id} class={who === i ? 'on' : ''}>
            <input type="radio" class="hidden" name="person" checked={who === i} onChange={() => onChoose(i === 0 ? 0 : 1)} aria-label={`User ${i + 1}, ${person.first_name}`} />
            <Avatar name={person.first_name} small /><span class="name">{person.first_name}</span>
          </label>
        ))}
      </div>
      <select aria-label={`Language of ${people[who].first_name}`} value={people[who].language_code} onChange={(event) => onSpeak(event.currentTarget.value)}>
        {LANGUAGES.map(([code, name]) => <option key={code} value={code} aria-label={name}>{code.toUpperCase()}</option>)}
      </select>
    </div>
  );
}

interface LogProps {
  name: string;
  entries: Entry[];
  loaded: boolean;
  action: { name: string; until: number } | null;
  render: (message: Message, first: boolean) => JSX.Element;
}

/** The messages; it stays at the end unless one reads further up. */
function Log({ name, entries, loaded, action, render }: LogProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [, refresh] = useState(0);
  const acting = action !== null && action.until > Date.now();
  const toEnd = (behavior: ScrollBehavior): void => box.current?.scrollTo({ top: box.current.scrollHeight, behavior });
  useEffect(() => { if (atEnd) toEnd('auto'); }, [entries, acting]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    // A keyboard that opens or a picture that loads must not push the last message out of sight.
    const observer = new ResizeObserver(() => { if (atEnd) toEnd('auto'); });
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, [atEnd]);
  useEffect(() => {
    if (!action) return undefined;
    const timer = setTimeout(() => refresh((n) => n + 1), Math.max(0, action.until - Date.now()));
    return () => clearTimeout(timer);
  }, [action]);
  const onScroll = (): void => {
    const element = box.current;
    if (element) setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < 60);
  };
  return (
    <div class="scroll" ref={box} onScroll={onScroll} tabIndex={0} role="region" aria-label="Messages">
      <div class="inner">
        {loaded && entries.length === 0 && <Empty name={name} />}
        <div role="log" aria-live="polite" aria-relevant="additions text" aria-label={`Conversation with ${name}`}>
          <ol>{entries.map((entry, i) => line(entries, entry, i, render))}</ol>
        </div>
        {acting && <div class="row theirs first"><div class="bubble typing" role="status"><span class="hidden">{name} is {labelOf(action.name)}</span><i /><i /><i /></div></div>}
      </div>
      {!atEnd && <button type="button" class="round to-end" aria-label="To the newest message" onClick={() => toEnd('smooth')}><Icon name="down" /></button>}
    </div>
  );
}

function line(entries: Entry[], entry: Entry, i: number, render: LogProps['render']): JSX.Element | JSX.Element[] {
  if (entry.kind === 'deleted') return <li key={entry.id} class="note">The bot deleted a message</li>;
  const before = entries[i - 1];
  const sameDay = before?.kind !== 'message' ? i > 0 : dayOf(before.message) === dayOf(entry.message);
  const first = !sameDay || before?.kind !== 'message' || before.message.from.id !== entry.message.from.id;
  const bubble = render(entry.message, first);
  return sameDay ? bubble : [<li key={`day-${entry.message.message_id}`} class="note">{dayOf(entry.message)}</li>, bubble];
}

const dayOf = (message: Message): string => new Date(message.date * 1000).toLocaleDateString([], { day: 'numeric', month: 'long' });

const labelOf = (action: string): string => (action === 'typing' ? 'typing' : action.replaceAll('_', ' '));

function Empty({ name }: { name: string }): JSX.Element {
  return (
    <div class="empty">
      <Avatar name={name} />
      <h2>{name}</h2>
      <p>Nothing has been said yet. Press <b>Start</b> to begin, as a new user of the bot would.</p>
    </div>
  );
}
