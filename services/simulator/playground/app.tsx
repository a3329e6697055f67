import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { BotPage } from './bot-page.tsx';
import { Sidebar } from './sidebar.tsx';

const usernameIn = (path: string): string | null => {
  const found = /^\/play\/([^/]+)/.exec(path)?.[1];
  return found === undefined ? null : decodeURIComponent(found);
};

/** The page: bots at the side, the chats of one in the middle. The address says which. */
export function App(): JSX.Element {
  const [address, setAddress] = useState({ path: location.pathname, search: location.search });
  useEffect(() => {
    const onMove = (): void => setAddress({ path: location.pathname, search: location.search });
    window.addEventListener('popstate', onMove);
    return () => window.removeEventListener('popstate', onMove);
  }, []);
  const goTo = (url: string, replace = false): void => {
    if (url === location.pathname + location.search) return;
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    setAddress({ path: location.pathname, search: location.search });
  };
  const username = usernameIn(address.path);
  return (
    <div class={`app${username === null ? ' at-list' : ''}`}>
      <Sidebar current={username} onOpen={(bot) => goTo(`/play/${encodeURIComponent(bot)}`)} />
      {username === null
        ? <main class="welcome"><div><h2>Choose a bot</h2><p>Chat with it as one person or as several, side by side. Nothing leaves this machine.</p></div></main>
        : <BotPage key={username} username={username} search={address.search} onGo={goTo} />}
    </div>
  );
}
