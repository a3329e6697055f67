import { Dialog } from '@botplane/ui';
import type { JSX } from 'preact';

const SHORTCUTS = [
  ['Enter', 'Send'], ['Shift + Enter', 'New line'], ['Escape', 'Close the menu, the reply, the edit or the drawer'], ['↑ in an empty field', 'Edit the last own message'],
  ['/', 'Commands, in the text field'], ['↑ ↓ in the messages', 'From message to message; Enter opens the actions'], ['← ↑ → ↓ in a keyboard', 'From button to button'],
  ['Alt + 1 … 6', 'To the pane of that number'], ['Alt + N', 'One more pane'], ['Ctrl + K', 'Search bots'], ['?', 'This list'],
] as const;

export function ShortcutsDialog({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">{SHORTCUTS.map(([keys, what]) => <div key={keys}><dt><kbd>{keys}</kbd></dt><dd>{what}</dd></div>)}</dl>
    </Dialog>
  );
}
