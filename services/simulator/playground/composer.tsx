import { Icon } from '@botplane/ui';
import type { JSX, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { ReplyKeyboard } from './reply-keyboard.tsx';
import { summaryOf } from './summary.ts';
import type { Command, KeyboardButton, Message, ReplyMarkup } from './types.ts';

interface Props {
  id: string;
  commands: Command[];
  keyboard: ReplyMarkup | null;
  replyTo: Message | null;
  /** The own message that is being changed. */
  editing: Message | null;
  /** Text that a button put here. */
  inserted: { text: string } | null;
  input: RefObject<HTMLTextAreaElement | null>;
  /** Resolves to false when the text was not sent. */
  onSend: (text: string) => Promise<boolean>;
  onKey: (button: KeyboardButton) => void;
  onFiles: (files: File[]) => void;
  /** Ends the reply or the edit. */
  onCancel: () => void;
  onEditLast: () => void;
}

/** The place to write: text, the menu of commands, the bot's reply keyboard. */
export function Composer(props: Props): JSX.Element {
  const { id, commands, keyboard, replyTo, editing, inserted, input, onSend, onCancel } = props;
  const [text, setText] = useState('');
  const [menuOpen, setMenuOpen] = useState(false);
  const [keysHidden, setKeysHidden] = useState(false);
  const [active, setActive] = useState(0);
  // Before the next key: what one types must not be overwritten by what is edited.
  useLayoutEffect(() => { if (editing) { setText(editing.text ?? editing.caption ?? ''); input.current?.focus(); } }, [editing?.message_id]);
  useEffect(() => { if (inserted) { setText(inserted.text); input.current?.focus(); } }, [inserted]);
  useEffect(() => setKeysHidden(false), [keyboard]);

  const typed = /^\/(\w*)$/.exec(text)?.[1];
  const matching = commands.filter(({ command }) => typed === undefined || command.startsWith(typed.toLowerCase()));
  const showMenu = matching.length > 0 && (menuOpen || (typed !== undefined && editing === null));
  const submit = async (value: string): Promise<void> => {
    if (value.trim() === '') return;
    setText('');
    setMenuOpen(false);
    if (!(await onSend(value))) setText(value);
    input.current?.focus();
  };
  const cancel = (): void => {
    if (editing) setText('');
    onCancel();
  };
  const escape = (): boolean => {
    if (showMenu) {
      setMenuOpen(false);
      if (typed !== undefined) setText('');
      return true;
    }
    if (!editing && !replyTo) return false;
    cancel();
    return true;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (showMenu && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive((active + (event.key === 'ArrowDown' ? 1 : matching.length - 1)) % matching.length);
    } else if (event.key === 'Escape') {
      if (escape()) event.stopPropagation();
    } else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault();
      props.onEditLast();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      const exact = matching.some(({ command }) => `/${command}` === text);
      const chosen = showMenu && !exact ? (matching[active] ?? matching[0]) : undefined;
      void submit(chosen ? `/${chosen.command}` : text);
    }
  };

  return (
    <footer class="composer">
      {showMenu && <CommandMenu id={id} commands={matching} active={active} onChoose={(command) => void submit(`/${command}`)} />}
      {(editing ?? replyTo) && <Context editing={editing} replyTo={replyTo} onCancel={cancel} />}
      <form class="line" onSubmit={(event) => { event.preventDefault(); void submit(text); }}>
        {commands.length > 0 && (
          <button type="button" class="round" aria-label="Commands" title="Commands" aria-expanded={showMenu} onClick={() => { setMenuOpen(!menuOpen); setActive(0); input.current?.focus(); }}>
            <Icon name="slash" />
          </button>
        )}
        <div class="field">
          <textarea
            ref={input} rows={1} value={text} aria-label="Message" enterkeyhint="send" aria-autocomplete="list" aria-controls={showMenu ? `${id}-commands` : undefined}
            placeholder={keyboard?.input_field_placeholder ?? 'Message'} aria-activedescendant={showMenu ? `${id}-command-${active}` : undefined}
            onInput={(event) => { setText(event.currentTarget.value); setActive(0); }} onKeyDown={onKeyDown}
            onPaste={(event) => { const files = [...(event.clipboardData?.files ?? [])]; if (files.length > 0) { event.preventDefault(); props.onFiles(files); } }}
          />
          <label class="round attach" title="Attach files; they can be dropped on the chat, too">
            <Icon name="clip" /><span class="hidden">Attach files</span>
            <input type="file" multiple class="hidden" onChange={(event) => { const files = [...(event.currentTarget.files ?? [])]; if (files.length > 0) props.onFiles(files); event.currentTarget.value = ''; }} />
          </label>
          {keyboard && (
            <button type="button" class="round" aria-label={keysHidden ? 'Show the keyboard' : 'Hide the keyboard'} aria-pressed={!keysHidden} onClick={() => setKeysHidden(!keysHidden)}>
              <Icon name="keyboard" />
            </button>
          )}
        </div>
        <button type="submit" class="round send" aria-label={editing ? 'Save' : 'Send'} disabled={text.trim() === ''}><Icon name={editing ? 'check' : 'send'} /></button>
      </form>
      {keyboard?.keyboard && !keysHidden && <ReplyKeyboard markup={keyboard} onKey={props.onKey} />}
    </footer>
  );
}

function CommandMenu({ id, commands, active, onChoose }: { id: string; commands: Command[]; active: number; onChoose: (command: string) => void }): JSX.Element {
  return (
    <ul class="menu" role="listbox" aria-label="Commands" id={`${id}-commands`}>
      {commands.map((command, i) => (
        <li key={command.command} role="option" id={`${id}-command-${i}`} aria-selected={i === active} onMouseDown={(event) => event.preventDefault()} onClick={() => onChoose(command.command)}>
          <b>/{command.command}</b><span>{command.description}</span>
        </li>
      ))}
    </ul>
  );
}

function Context({ editing, replyTo, onCancel }: { editing: Message | null; replyTo: Message | null; onCancel: () => void }): JSX.Element | null {
  const message = editing ?? replyTo;
  if (!message) return null;
  return (
    <div class="replying">
      <Icon name={editing ? 'edit' : 'reply'} />
      <p><b>{editing ? 'Edit message' : `Reply to ${message.from.first_name}`}</b><span>{summaryOf(message)}</span></p>
      <button type="button" class="round" aria-label={editing ? 'Cancel the edit' : 'Cancel the reply'} onClick={onCancel}><Icon name="close" /></button>
    </div>
  );
}
