import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Bubble } from './bubble.tsx';
import { Composer } from './composer.tsx';
import { forcedReply, idOf, keyboardOf } from './conversation.ts';
import type { Entry } from './conversation.ts';
import { Drawer } from './drawer.tsx';
import { Avatar, Icon } from './icons.tsx';
import { Log } from './log.tsx';
import { loadPeople, saveLanguage } from './people.ts';
import { PersonSwitch } from './person-switch.tsx';
import { Alert, Toast } from './toast.tsx';
import type { Chat, Message } from './types.ts';
import { useActions } from './use-actions.ts';
import { useConversation } from './use-conversation.ts';

/** The chat with one bot. */
export function ChatPage({ username }: { username: string }): JSX.Element {
  const [people, setPeople] = useState(loadPeople);
  const [who, setWho] = useState<0 | 1>(0);
  const [inspected, setInspected] = useState<Message | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const person = people[who];
  const actions = useActions(person);
  const { chat, conversation, version, problem } = useConversation(username, person, actions.onEvent);
  const { entries, action } = conversation;
  const token = chat?.token ?? '';
  const name = chat?.name ?? username;
  const replyTo = forcedReply(entries);
  const shown = current(entries, inspected);

  useEffect(() => { document.title = `${name} · Playground`; }, [name]);
  useEffect(() => { if (replyTo) input.current?.focus(); }, [replyTo?.message_id]);

  const say = (text: string): Promise<boolean> => actions.sendText(token, text, replyTo);
  const speak = (language_code: string): void => {
    const changed = { ...person, language_code };
    saveLanguage(changed);
    setPeople(who === 0 ? [changed, people[1]] : [people[0], changed]);
  };
  const become = (next: 0 | 1): void => {
    setWho(next);
    setInspected(null);
    actions.clear();
  };
  const close = (): void => { setInspected(null); input.current?.focus(); };
  const bubble = (message: Message, first: boolean): JSX.Element => (
    <Bubble
      key={message.message_id} message={message} token={token} first={first} selected={shown?.message_id === message.message_id}
      waiting={actions.waiting?.messageId === message.message_id ? actions.waiting.data : null}
      onPress={(pressed, button) => actions.pressButton(token, pressed, button)} onCommand={(command) => void say(command)} onInspect={setInspected}
    />
  );

  return (
    <div class={`page${shown ? ' with-drawer' : ''}`} onKeyDown={(event) => { if (event.key === 'Escape' && shown) close(); }}>
      <main class="chat">
        <header class="top">
          <a class="round" href="/play" aria-label="All bots"><Icon name="back" /></a>
          <Avatar name={name} />
          <div class="who"><h1>{name}</h1><p><Status username={username} chat={chat} /></p></div>
          <PersonSwitch people={people} who={who} onChoose={become} onSpeak={speak} />
        </header>
        {problem !== '' && <p class="banner" role="status">{problem}</p>}
        <Log key={person.id} name={name} entries={entries} loaded={chat !== null} action={action} render={bubble} />
        {chat && entries.length === 0 ? (
          <footer class="composer start"><button type="button" class="primary" onClick={() => void say('/start')}>Start</button></footer>
        ) : (
          <Composer key={person.id} commands={chat?.commands ?? []} keyboard={keyboardOf(entries)} replyTo={replyTo} input={input}
            onSend={say} onKey={(button) => void actions.sendKey(token, button)} onFile={(file) => void actions.sendFile(token, file)} />
        )}
        <Toast text={actions.toast} onDone={actions.closeToast} />
      </main>
      {shown && <Drawer key={shown.message_id} username={username} chatId={person.id} message={shown} version={version} onClose={close} />}
      <Alert text={actions.alert} from={name} onDone={() => { actions.closeAlert(); input.current?.focus(); }} />
    </div>
  );
}

/** The inspected message as it is now; as it was when it is gone. */
function current(entries: readonly Entry[], inspected: Message | null): Message | null {
  const entry = inspected && entries.find((one) => idOf(one) === inspected.message_id);
  return entry?.kind === 'message' ? entry.message : inspected;
}

function Status({ username, chat }: { username: string; chat: Chat | null }): JSX.Element {
  if (!chat || chat.live) return <>@{username}</>;
  return <span class="waits">no webhook{chat.pending > 0 ? `, ${chat.pending} waiting` : ''}</span>;
}
