import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { BotRow } from './api.ts';
import { listBots } from './api.ts';
import { Avatar } from './icons.tsx';

const REFRESH_MS = 2_000;

/** The bots this simulator knows. */
export function BotList(): JSX.Element {
  const [bots, setBots] = useState<BotRow[] | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const look = (): void => void listBots().then(
      (found) => { setBots(found.bots); setProblem(''); },
      () => setProblem('No connection to the simulator. Trying again …'),
    );
    look();
    const timer = setInterval(look, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="list">
      <h1>Playground</h1>
      <p class="lead">Chat with your bots here. Nothing leaves this machine.</p>
      {problem !== '' && <p class="banner" role="status">{problem}</p>}
      {bots?.length === 0 && (
        <div class="empty-list">
          <h2>No bots yet</h2>
          <p>Apply a Bot whose token the simulator knows, or make one:</p>
          <pre><code>curl -X POST {location.origin}/_sim/bots -H 'content-type: application/json' -d '{'{"username":"my_first_bot"}'}'</code></pre>
        </div>
      )}
      <ul>
        {bots?.map((bot) => (
          <li key={bot.username}>
            <a href={`/play/${bot.username}`}>
              <Avatar name={bot.name} />
              <span class="who"><b>{bot.name}</b><small>@{bot.username}</small></span>
              <span class={`chip ${bot.live ? 'good' : 'warn'}`}>{bot.live ? 'live' : 'no webhook'}</span>
            </a>
          </li>
        ))}
      </ul>
    </main>
  );
}
