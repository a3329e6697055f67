import { Toast } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Acts } from './api.ts';
import { Bubble } from './bubble.tsx';
import { Composer } from './composer.tsx';
import { forcedReply, keyboardOf } from './conversation.ts';
import type { Live } from './feed.ts';
import { Foot } from './foot.tsx';
import { Log } from './log.tsx';
import { PaneDialogs } from './pane-dialogs.tsx';
import { PaneHeader } from './pane-header.tsx';
import { keyOf } from './panes.ts';
import type { Pane as PaneAt } from './panes.ts';
import { markRead } from './read-marks.ts';
import type { ChatView, Message, Person } from './types.ts';
import { usePaneActs } from './use-pane-acts.ts';
import { useChat } from './use-chat.ts';

interface Props {
  username: string;
  pane: PaneAt;
  person: Person;
  people: Person[];
  live: Live;
  isShown: boolean;
  canClose: boolean;
  inspected: Message | null;
  onChange: (pane: PaneAt) => void;
  onAdd: (pane: PaneAt) => void;
  onClose: () => void;
  onPeople: (people: Person[]) => void;
  onInspect: (message: Message | null) => void;
  onView: (view: ChatView) => void;
  onUnseen: (count: number) => void;
  onFocus: () => void;
  /** A link to a bot of this simulator, or to a page. */
  onLink: (url: string, shown: string) => void;
}

/** One person in one chat. */
export function Pane(props: Props): JSX.Element {
  const { username, pane, person, people, live, inspected } = props;
  const input = useRef<HTMLTextAreaElement>(null);
  const [isOver, setOver] = useState(false);
  const box = useRef<HTMLElement>(null);
  const isGroup = pane.chatId !== person.id;
  const state = usePaneActs({ ...props, input });
  const chat = useChat(username, person, pane.chatId, live, state.onEvent);
  const { view, conversation, votes } = chat;
  const { entries } = conversation;
  state.bind(view ? new Acts(view.token, person, pane.chatId) : null, view, box);
  const name = view?.name ?? username;
  const title = isGroup ? (view?.chat.title ?? 'Group') : name;
  const isMember = view !== null && !view.blocked && (!isGroup || !['left', 'kicked'].includes(view.status));
  const forced = forcedReply(entries, person.id);
  const replyTo = state.replyTo ?? forced;

  useEffect(() => { if (view) props.onView(view); }, [view]);
  useEffect(() => { if (forced && props.isShown) input.current?.focus(); }, [forced?.message_id]);
  const newest = entries.at(-1);
  useEffect(() => { if (newest?.kind === 'message') markRead(`chat.${username}.${person.id}.${pane.chatId}`, newest.message); }, [newest]);

  const bubble = (messages: [Message, ...Message[]], isFirst: boolean): JSX.Element => {
    const [{ message_id: id }] = messages;
    return (
      <Bubble
        key={`m${id}`} messages={messages} person={person} token={view?.token ?? ''} botUsername={username} isFirst={isFirst} isGroup={isGroup} isMember={isMember}
        isSelected={messages.some((one) => one.message_id === inspected?.message_id)} reactions={conversation.reactions[id] ?? []} vote={votes[id]}
        waiting={state.waiting?.messageId === id ? state.waiting.data : null} acts={state.message}
      />
    );
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0 && isMember) state.setFiles(files);
  };
  return (
    <section
      ref={box} class={`pane${props.isShown ? ' shown' : ''}${isOver ? ' over' : ''}`} id={`pane-${keyOf(pane)}`} aria-label={`${person.first_name} in ${title}`} onFocusCapture={props.onFocus}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={(event) => { if (event.target === box.current) setOver(false); }} onDrop={onDrop}
    >
      <PaneHeader person={person} people={people} chatId={pane.chatId} view={view} botName={name} canClose={props.canClose} acts={state.header} />
      {chat.problem !== '' && <p class="banner" role="status">{chat.problem}</p>}
      <Log
        key={keyOf(pane)} name={title} about={isGroup ? '' : (view?.about ?? '')} conversation={conversation} isLoaded={view !== null || chat.problem !== ''} isGroup={isGroup} render={bubble}
        onOlder={chat.loadOlder} onForgetOlder={chat.forgetOlder} onUnseen={props.onUnseen}
      />
      {view && (isMember && (entries.length > 0 || isGroup) ? (
        <Composer
          key={keyOf(pane)} id={`c-${keyOf(pane).replace(':', '-')}`} commands={view.commands} keyboard={keyboardOf(entries, person.id)} replyTo={replyTo} editing={state.editing} inserted={state.inserted} input={input}
          onSend={(text) => state.sendText(text, replyTo)} onKey={state.sendKey} onFiles={state.setFiles} onCancel={state.cancel} onEditLast={() => state.editLast(entries)}
        />
      ) : <Foot view={view} isGroup={isGroup} hasAsked={view.requests.some(({ id }) => id === person.id)} onStart={() => void state.sendText('/start', null)} onUnblock={() => state.header.block(false)} onJoin={state.header.join} onAsk={state.askToJoin} />)}
      <Toast text={state.toast.text} isError={state.toast.isError} onDone={state.closeToast} />
      {isOver && <p class="drop-here" aria-hidden="true">Drop to send to {title}</p>}
      <PaneDialogs username={username} person={person} people={people} view={view} state={state} botName={name} onPeople={props.onPeople} onAdd={props.onAdd} onChange={props.onChange} refresh={chat.refresh} />
    </section>
  );
}
