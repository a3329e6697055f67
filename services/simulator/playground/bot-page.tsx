import { Avatar, Dialog, Icon, Menu } from '@botplane/ui';
import type { MenuItem } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Drawer } from './drawer.tsx';
import { FaultBar, FaultsDialog, useFaults } from './faults.tsx';
import type { Faults } from './faults.tsx';
import type { Live } from './feed.ts';
import { useFeed } from './feed.ts';
import { Pane } from './pane.tsx';
import { PANES_MAX, addressOf, keyOf, readPanes } from './panes.ts';
import type { Pane as PaneAt } from './panes.ts';
import { loadPeople, newPerson, personOf, savePeople } from './people.ts';
import { ShortcutsDialog } from './shortcuts.tsx';
import { linkTarget } from './text-tree.ts';
import type { ChatView, Message, Person } from './types.ts';

interface Props {
  username: string;
  search: string;
  onGo: (url: string, replace?: boolean) => void;
}

type PageDialog = { kind: 'faults' | 'keys' } | { kind: 'link'; url: string; shown: string };

/** The chats with one bot: people side by side. */
export function BotPage({ username, search, onGo }: Props): JSX.Element {
  const live = useFeed(username);
  const [people, setPeople] = useState(loadPeople);
  const [view, setView] = useState<ChatView | null>(null);
  const [active, setActive] = useState(0);
  const [inspected, setInspected] = useState<{ pane: string; message: Message } | null>(null);
  const [dialog, setDialog] = useState<PageDialog | null>(null);
  const [unseen, setUnseen] = useState<Readonly<Record<string, number>>>({});
  const faults = useFaults(view?.token ?? null);
  const first = people[0]?.id ?? 1001;
  const given = readPanes(search);
  const panes = given.length > 0 ? given : [{ userId: first, chatId: first }];
  const shown = Math.min(active, panes.length - 1);
  const name = view?.name ?? username;
  const news = panes.reduce((sum, pane) => sum + (unseen[keyOf(pane)] ?? 0), 0);

  useEffect(() => { document.title = `${news > 0 ? `(${news}) ` : ''}${name} · Playground`; }, [name, news]);
  const keep = (changed: Person[]): void => { setPeople(changed); savePeople(changed); };
  const show = (next: PaneAt[]): void => onGo(addressOf(username, next));
  const change = (i: number, pane: PaneAt): void => {
    const same = panes.findIndex((one) => keyOf(one) === keyOf(pane));
    if (same >= 0 && same !== i) setActive(same);
    else show(panes.with(i, pane));
  };
  const add = (pane: PaneAt): void => {
    const same = panes.findIndex((one) => keyOf(one) === keyOf(pane));
    if (same < 0 && panes.length >= PANES_MAX) return;
    setActive(same < 0 ? panes.length : same);
    if (same < 0) show([...panes, pane]);
  };
  const addNext = (): void => {
    const free = people.find(({ id }) => !panes.some((pane) => pane.userId === id && pane.chatId === id));
    const person = free ?? newPerson([...people, ...(view?.users ?? [])]);
    if (!free) keep([...people, person]);
    add({ userId: person.id, chatId: person.id });
  };
  const close = (i: number): void => { setActive(Math.max(0, i - 1)); show(panes.filter((_, at) => at !== i)); };
  const open = (url: string, shownAs: string): void => {
    const target = linkTarget(url);
    if (target?.kind === 'bot') onGo(`/play/${encodeURIComponent(target.username)}`);
    else if (target) setDialog({ kind: 'link', url: target.url, shown: shownAs });
  };
  useShortcuts({ count: panes.length, focusPane: (i) => { setActive(i); focusComposer(panes[i]); }, addPane: addNext, showKeys: () => setDialog({ kind: 'keys' }) });

  return (
    <div class={`page${inspected ? ' with-drawer' : ''}`} onKeyDown={(event) => { if (event.key === 'Escape' && inspected) setInspected(null); }}>
      <main class="bot">
        <BotBar name={name} username={username} view={view} live={live} faults={faults} items={addItems({ people, panes, add, addNext })} onFaults={() => setDialog({ kind: 'faults' })} onKeys={() => setDialog({ kind: 'keys' })} onBack={() => onGo('/play')} />
        {live.problem !== '' && <p class="banner" role="alert">{live.problem}</p>}
        <FaultBar faults={faults} />
        {panes.length > 1 && (
          <nav class="tabs" aria-label="Panes">
            {panes.map((pane, i) => <button type="button" key={keyOf(pane)} aria-current={i === shown ? 'true' : undefined} onClick={() => setActive(i)}>{personOf(people, pane.userId, view?.users).first_name}{pane.chatId !== pane.userId && <Icon name="people" />}{(unseen[keyOf(pane)] ?? 0) > 0 && <span class="count">{unseen[keyOf(pane)]}</span>}</button>)}
          </nav>
        )}
        <div class="panes">
          {panes.map((pane, i) => (
            <Pane
              key={keyOf(pane)} username={username} pane={pane} person={personOf(people, pane.userId, view?.users)} people={people} live={live} isShown={i === shown} canClose={panes.length > 1}
              inspected={inspected?.pane === keyOf(pane) ? inspected.message : null} onChange={(next) => change(i, next)} onAdd={add} onClose={() => close(i)} onPeople={keep}
              onInspect={(message) => setInspected(message && { pane: keyOf(pane), message })} onView={setView} onFocus={() => setActive(i)} onLink={open}
              onUnseen={(count) => setUnseen((before) => ((before[keyOf(pane)] ?? 0) === count ? before : { ...before, [keyOf(pane)]: count }))}
            />
          ))}
        </div>
      </main>
      {inspected && <Drawer key={inspected.message.message_id} username={username} chatId={inspected.message.chat.id} message={inspected.message} version={view?.seq ?? 0} onClose={() => setInspected(null)} />}
      {dialog?.kind === 'faults' && <FaultsDialog faults={faults} onClose={() => setDialog(null)} />}
      {dialog?.kind === 'keys' && <ShortcutsDialog onClose={() => setDialog(null)} />}
      {dialog?.kind === 'link' && <LinkDialog url={dialog.url} shown={dialog.shown} onClose={() => setDialog(null)} />}
    </div>
  );
}

interface BarProps {
  name: string;
  username: string;
  view: ChatView | null;
  live: Live;
  faults: Faults;
  items: (MenuItem | null)[];
  onFaults: () => void;
  onKeys: () => void;
  onBack: () => void;
}

function BotBar({ name, username, view, live, faults, items, onFaults, onKeys, onBack }: BarProps): JSX.Element {
  return (
    <header class="top">
      <button type="button" class="round to-bots" aria-label="All bots" onClick={onBack}><Icon name="back" /></button>
      <Avatar name={name} />
      <div class="who"><h1>{name}</h1><p><Status username={username} view={view} live={live} /></p></div>
      {view && <span class={`chip ${view.privacy ? 'soft' : 'warn'}`} title={view.privacy ? 'In groups the bot sees only what is meant for it' : 'In groups the bot sees every message'}><Icon name="shield" /><span>privacy {view.privacy ? 'on' : 'off'}</span></span>}
      <button type="button" class={`round${faults.list.length > 0 ? ' alarmed' : ''}`} aria-label={`Network and faults${faults.list.length > 0 ? `, ${faults.list.length} active` : ''}`} title="Network and faults" onClick={onFaults}><Icon name="bolt" /></button>
      <button type="button" class="round keys-button" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={onKeys}><Icon name="keyboard" /></button>
      <Menu label="Add a pane" items={items}><Icon name="plus" /></Menu>
    </header>
  );
}

function Status({ username, view, live }: { username: string; view: ChatView | null; live: Live }): JSX.Element {
  if (live.state !== 'live') return <span class="waits">{live.state === 'lost' ? 'reconnecting …' : 'connecting …'}</span>;
  if (!view || view.live) return <>@{username} · <span class="online">connected</span></>;
  return <span class="waits">nobody takes its updates{view.pending > 0 ? `, ${view.pending} waiting` : ''}</span>;
}

function addItems({ people, panes, add, addNext }: { people: readonly Person[]; panes: readonly PaneAt[]; add: (pane: PaneAt) => void; addNext: () => void }): (MenuItem | null)[] {
  if (panes.length >= PANES_MAX) return [{ label: `At most ${PANES_MAX} panes`, onSelect: () => undefined }];
  const free = people.filter(({ id }) => !panes.some((pane) => pane.userId === id && pane.chatId === id));
  return [...free.map((person): MenuItem => ({ label: `Chat as ${person.first_name} beside`, icon: 'person', onSelect: () => add({ userId: person.id, chatId: person.id }) })), ...(free.length > 0 ? [] : [{ label: 'Chat as a new person beside', icon: 'plus', onSelect: addNext } satisfies MenuItem])];
}

function LinkDialog({ url, shown, onClose }: { url: string; shown: string; onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Open this link?" onClose={onClose}>
      <div class="form">
        {shown !== '' && shown !== url && <p>The bot calls it “{shown}”. It leads to:</p>}
        <p class="code">{url}</p>
        <div class="actions"><button type="button" class="secondary" onClick={onClose}>Cancel</button><a class="primary" href={url} target="_blank" rel="noreferrer noopener" onClick={onClose}>Open</a></div>
      </div>
    </Dialog>
  );
}

function focusComposer(pane: PaneAt | undefined): void {
  if (pane) document.getElementById(`pane-${keyOf(pane)}`)?.querySelector<HTMLElement>('textarea, .primary')?.focus();
}

interface Shortcuts {
  count: number;
  focusPane: (i: number) => void;
  addPane: () => void;
  showKeys: () => void;
}

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches('input, textarea, select');

/** Keys that work everywhere on the page. */
function useShortcuts({ count, focusPane, addPane, showKeys }: Shortcuts): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
      if (event.altKey && digit !== undefined && Number(digit) <= count) focusPane(Number(digit) - 1);
      else if (event.altKey && event.code === 'KeyN') addPane();
      else if (event.key === '?' && !isTyping(event.target)) showKeys();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}
