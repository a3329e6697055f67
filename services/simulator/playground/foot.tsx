import type { JSX } from 'preact';
import type { ChatView } from './types.ts';

interface Props {
  view: ChatView;
  isGroup: boolean;
  hasAsked: boolean;
  onStart: () => void;
  onUnblock: () => void;
  onJoin: () => void;
  onAsk: () => void;
}

/** What stands in place of the text field where one cannot write. */
export function Foot({ view, isGroup, hasAsked, onStart, onUnblock, onJoin, onAsk }: Props): JSX.Element {
  if (!isGroup && view.blocked) return <footer class="composer start"><p>You blocked this bot. It gets 403 when it writes.</p><button type="button" class="primary" onClick={onUnblock}>Unblock</button></footer>;
  if (!isGroup) return <footer class="composer start"><button type="button" class="primary" onClick={onStart}>Start</button></footer>;
  if (view.status === 'kicked') return <footer class="composer start"><p>You were banned from this group.</p></footer>;
  return (
    <footer class="composer start">
      <p role="status">{hasAsked ? 'You asked to join. The bot can approve or decline.' : 'You are not in this group.'}</p>
      <div class="actions">
        <button type="button" class="secondary" disabled={hasAsked} onClick={onAsk}>Ask to join</button>
        <button type="button" class="primary" onClick={onJoin}>Join</button>
      </div>
    </footer>
  );
}
