import { Avatar, Dialog, Icon, ThemeSwitch } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { createBot, listBots } from './api.ts';
import { isUnread, markRead } from './read-marks.ts';
import { summaryOf } from './summary.ts';
import type { BotRow } from './types.ts';

const REFRESH_MS = 3_000;

/** The bots this simulator knows, those that were talked to last first. */
export function Sidebar({ current, onOpen }: { current: string | null; onOpen: (username: string) => void }): JSX.Element {
  const [bots, setBots] = useState<BotRow[] | null>(null);
  const [problem, setProblem] = useState('');
  const [query, setQuery] = useState('');
  const [creating, setCreating] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const look = async (): Promise<void> => {
      try {
        const found = document.hidden ? null : await listBots();
        if (found) setBots(found.bots);
        setProblem('');
      } catch {
        setProblem('No connection to the simulator. Trying again …');
      }
      if (!gone) timer = setTimeout(() => void look(), REFRESH_MS);
    };
    void look();
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 'k') return;
      event.preventDefault();
      search.current?.focus();
      search.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => { gone = true; clearTimeout(timer); document.removeEventListener('keydown', onKey); };
  }, []);
  const words = query.trim().toLowerCase();
  const shown = bots?.filter(({ name, username }) => `${name} @${username}`.toLowerCase().includes(words)) ?? [];
  return (
    <aside class="sidebar" aria-label="Bots">
      <header>
        <h1>Playground</h1>
        <ThemeSwitch />
        <button type="button" class="round" aria-label="Create a bot" title="Create a bot" onClick={() => setCreating(true)}><Icon name="plus" /></button>
      </header>
      <label class="search"><Icon name="search" /><input ref={search} type="search" placeholder="Search bots" aria-label="Search bots" value={query} onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === 'Enter' && shown[0]) onOpen(shown[0].username); }} /></label>
      {problem !== '' && <p class="banner" role="status">{problem}</p>}
      <BotRows bots={shown} current={current} onOpen={onOpen} />
      {bots === null && problem === '' && <p class="hint pad" role="status">Loading …</p>}
      {bots !== null && shown.length === 0 && (words === ''
        ? <div class="pad hint"><p>No bots yet. Apply a Bot whose token the simulator knows, run <code>npx botplane run bot.yaml --playground</code>, or create one here.</p></div>
        : <p class="pad hint" role="status">No bot is called “{query}”.</p>)}
      {creating && <CreateBot onClose={() => setCreating(false)} onCreated={(username) => { setCreating(false); onOpen(username); }} />}
    </aside>
  );
}

function BotRows({ bots, current, onOpen }: { bots: BotRow[]; current: string | null; onOpen: (username: string) => void }): JSX.Element {
  for (const bot of bots) if (bot.username === current) markRead(`bot.${bot.username}`, bot.last);
  return (
    <nav aria-label="All bots" class="bots">
      <ul>
        {bots.map((bot) => {
          const unread = bot.username !== current && isUnread(`bot.${bot.username}`, bot.last);
          return (
            <li key={bot.username}>
              <a href={`/play/${bot.username}`} aria-current={bot.username === current ? 'page' : undefined} onClick={(event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); onOpen(bot.username); }}>
                <Avatar name={bot.name} />
                <span class="who"><b>{bot.name}</b><small>{bot.last ? summaryOf(bot.last) : `@${bot.username}`}</small></span>
                <span class="marks">
                  {!bot.live && <span class="chip warn" title="Nobody takes the updates of this bot">{bot.pending > 0 ? `${bot.pending} waiting` : 'offline'}</span>}
                  {unread && <span class="dot"><span class="hidden">New messages</span></span>}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function CreateBot({ onClose, onCreated }: { onClose: () => void; onCreated: (username: string) => void }): JSX.Element {
  const [username, setUsername] = useState('my_first_bot');
  const [privacy, setPrivacy] = useState(true);
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  const create = async (): Promise<void> => {
    try {
      setToken((await createBot(username.trim(), privacy)).token);
      setProblem('');
    } catch (error) { setProblem((error as Error).message); }
  };
  return (
    <Dialog title="Create a bot" onClose={onClose}>
      {token === '' ? (
        <form class="form" onSubmit={(event) => { event.preventDefault(); void create(); }}>
          <label>Username<input value={username} required pattern="[A-Za-z]\w{3,31}" onInput={(event) => setUsername(event.currentTarget.value)} /></label>
          <label class="check"><input type="checkbox" checked={privacy} onChange={(event) => setPrivacy(event.currentTarget.checked)} />Privacy mode: in groups it sees only what is meant for it</label>
          {problem !== '' && <p class="problem" role="alert">{problem}</p>}
          <div class="actions"><button class="primary" type="submit">Create</button></div>
        </form>
      ) : (
        <div class="form">
          <p>Give your bot this token, and <code>{location.origin}</code> as its Bot API address.</p>
          <pre class="code" tabIndex={0}>{token}</pre>
          <div class="actions">
            <button type="button" class="secondary" onClick={() => void navigator.clipboard.writeText(token)}><Icon name="copy" />Copy</button>
            <button type="button" class="primary" onClick={() => onCreated(username.trim())}>Open the chat</button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
