import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from './conversation.ts';
import { Avatar, Icon } from './icons.tsx';
import type { Message } from './types.ts';

interface LogProps {
  name: string;
  entries: Entry[];
  loaded: boolean;
  action: { name: string; until: number } | null;
  render: (message: Message, first: boolean) => JSX.Element;
}

/** The messages; it stays at the end unless one reads further up. */
export function Log({ name, entries, loaded, action, render }: LogProps): JSX.Element {
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
