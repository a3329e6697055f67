import { Avatar, Icon } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation, Line } from './conversation.ts';
import { idOf, linesOf } from './conversation.ts';
import { RichText } from './rich-text.tsx';
import type { Message } from './types.ts';

interface LogProps {
  name: string;
  about: string;
  conversation: Conversation;
  isLoaded: boolean;
  isGroup: boolean;
  render: (messages: [Message, ...Message[]], isFirst: boolean) => JSX.Element;
  onOlder: () => Promise<void>;
  onForgetOlder: () => void;
  /** How many messages have come that were not looked at. */
  onUnseen: (count: number) => void;
}

/** How near to an edge counts as being there, in pixels. */
const EDGE_PX = 60;
const OLDER_PX = 400;

/** The messages; it stays at the end unless one reads further up, where older ones are loaded. */
export function Log({ name, about, conversation, isLoaded, isGroup, render, onOlder, onForgetOlder, onUnseen }: LogProps): JSX.Element {
  const { entries, draft } = conversation;
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [seenId, setSeenId] = useState(0);
  const first = entries[0] ? idOf(entries[0]) : 0;
  const lastId = entries.reduce((max, entry) => Math.max(max, idOf(entry)), 0);
  const kept = useRef({ first: 0, height: 0 });
  const toEnd = (behavior: ScrollBehavior): void => box.current?.scrollTo({ top: box.current.scrollHeight, behavior });
  const unseen = seenId === 0 ? 0 : entries.filter((entry) => idOf(entry) > seenId && entry.kind === 'message').length;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // What was read stays where it is when older messages come in above it.
    if (kept.current.first > first && first > 0 && !atEnd) element.scrollTop += element.scrollHeight - kept.current.height;
    else if (atEnd) toEnd('auto');
    kept.current = { first, height: element.scrollHeight };
  }, [entries, draft]);
  useEffect(() => {
    const look = (): void => { if (atEnd && !document.hidden && lastId > 0) setSeenId(lastId); };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [atEnd, lastId]);
  useEffect(() => onUnseen(unseen), [unseen]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    // A keyboard that opens or a picture that loads must not push the last message out of sight.
    const observer = new ResizeObserver(() => { if (atEnd) toEnd('auto'); });
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, [atEnd]);
  const onScroll = (): void => {
    const element = box.current;
    if (!element) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < EDGE_PX;
    if (isAtEnd && !atEnd) onForgetOlder();
    setAtEnd(isAtEnd);
    if (element.scrollTop < OLDER_PX) void onOlder();
  };
  return (
    <div class="scroll-place">
      <div class="scroll" ref={box} onScroll={onScroll} tabIndex={0} role="region" aria-label="Messages" onKeyDown={(event) => walk(event, box.current)}>
        <div class="inner">
          {conversation.more && <button type="button" class="note" onClick={() => void onOlder()}>Load older messages</button>}
          {!isLoaded && <p class="note" role="status">Loading …</p>}
          {isLoaded && entries.length === 0 && <Empty name={name} about={about} isGroup={isGroup} />}
          <div role="log" aria-live="off" aria-label={`Conversation with ${name}`}>
            <ol>{linesOf(entries).map((line) => <LogLine key={keyOf(line)} line={line} render={render} />)}</ol>
          </div>
          {draft && <div class="row theirs first"><div class="column"><div class="bubble draft" aria-busy="true"><div class="text" dir="auto"><RichText text={draft.text} entities={draft.entities} onCommand={() => undefined} onLink={() => undefined} /><span class="caret" /></div><span class="meta">writing</span></div></div></div>}
          <Acting name={name} action={conversation.action} />
        </div>
      </div>
      {!atEnd && <button type="button" class="round to-end" aria-label={unseen > 0 ? `To the newest message, ${unseen} new` : 'To the newest message'} onClick={() => toEnd('smooth')}><Icon name="down" />{unseen > 0 && <span class="count" aria-hidden="true">{unseen}</span>}</button>}
      <p class="hidden" aria-live="polite">{announcement(entries.at(-1))}</p>
    </div>
  );
}

const keyOf = (line: Line): string => (line.kind === 'messages' ? `m${line.messages[0].message_id}` : `${line.kind}${line.id}`);

function LogLine({ line, render }: { line: Line; render: LogProps['render'] }): JSX.Element {
  if (line.kind === 'deleted') return <li class="note">Message deleted</li>;
  if (line.kind === 'day') return <li class="note day">{new Date(line.date * 1000).toLocaleDateString([], { day: 'numeric', month: 'long' })}</li>;
  return render(line.messages, line.isFirst);
}

/** What a screen reader says about the newest message of the bot. */
function announcement(entry: Conversation['entries'][number] | undefined): string {
  if (entry?.kind !== 'message' || !entry.message.from.is_bot) return '';
  const { text, caption, from } = entry.message;
  return `${from.first_name}: ${text ?? caption ?? 'sent something'}`;
}

/** Arrow keys go from message to message; Enter opens the actions of one. */
function walk(event: KeyboardEvent, box: HTMLElement | null): void {
  const focused = document.activeElement;
  const isRow = focused instanceof HTMLElement && focused.matches('.row[data-message-id]');
  if (!box || (focused !== box && !isRow)) return;
  if (event.key === 'Enter' && isRow) {
    event.preventDefault();
    focused.querySelector<HTMLElement>('.act, .note')?.click();
  }
  const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
  if (step === 0) return;
  const rows = [...box.querySelectorAll<HTMLElement>('.row[data-message-id]')];
  const next = isRow ? rows[rows.indexOf(focused) + step] : rows.at(-1);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Acting({ name, action }: { name: string; action: Conversation['action'] }): JSX.Element | null {
  const [, refresh] = useState(0);
  useEffect(() => {
    if (!action) return undefined;
    const timer = setTimeout(() => refresh((n) => n + 1), Math.max(0, action.until - Date.now()));
    return () => clearTimeout(timer);
  }, [action]);
  if (action === null || action.until <= Date.now()) return null;
  return <div class="row theirs first"><div class="bubble typing" role="status"><span>{name} is {action.name === 'typing' ? 'typing' : action.name.replaceAll('_', ' ')}</span><i /><i /><i /></div></div>;
}

function Empty({ name, about, isGroup }: { name: string; about: string; isGroup: boolean }): JSX.Element {
  return (
    <div class="empty">
      <Avatar name={name} size="large" />
      <h2>{name}</h2>
      {about !== '' && <p class="about">{about}</p>}
      <p>{isGroup ? 'Nothing has been said in this group yet.' : <>Nothing has been said yet. Press <b>Start</b> to begin, as a new user of the bot would.</>}</p>
    </div>
  );
}
