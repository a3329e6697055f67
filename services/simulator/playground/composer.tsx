import type { JSX, RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import type { Command, KeyboardButton, Message, ReplyMarkup } from './types.ts';

interface Props {
  commands: Command[];
  keyboard: ReplyMarkup | null;
  replyTo: Message | null;
  input: RefObject<HTMLTextAreaElement | null>;
  /** Resolves to false when the text was not sent. */
  onSend: (text: string) => Promise<boolean>;
  onKey: (button: KeyboardButton) => void;
  onFile: (file: File) => void;
}

/** The place to write: text, the menu of commands, the bot's reply keyboard. */
export function Composer({ commands, keyboard, replyTo, input, onSend, onKey, onFile }: Props): JSX.Element {
  const [text, setText] = useState('');
  const [menuOpen, setMenuOpen] = useState(false);
  const [keysHidden, setKeysHidden] = useState(false);
  const [active, setActive] = useState(0);

  const typed = /^\/(\w*)$/.exec(text)?.[1];
  const matching = commands.filter(({ command }) => typed === undefined || command.startsWith(typed.toLowerCase()));
  const showMenu = matching.length > 0 && (menuOpen || typed !== undefined);
  const submit = async (value: string): Promise<void> => {
    if (value.trim() === '') return;
    setText('');
    setMenuOpen(false);
    if (!(await onSend(value))) setText(value);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (showMenu && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive((active + (event.key === 'ArrowDown' ? 1 : matching.length - 1)) % matching.length);
    } else if (event.key === 'Escape' && showMenu) {
      event.stopPropagation();
      setMenuOpen(false);
      if (typed !== undefined) setText('');
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      const exact = matching.some(({ command }) => `/${command}` === text);
      const chosen = showMenu && !exact ? (matching[active] ?? matching[0]) : undefined;
      void submit(chosen ? `/${chosen.command}` : text);
    }
  };

  return (
    <footer class="composer">
      {showMenu && (
        <ul class="menu" role="listbox" aria-label="Commands" id="commands">
          {matching.map((command, i) => (
            <li key={command.command} role="option" id={`command-${i}`} aria-selected={i === active} onMouseDown={(event) => event.preventDefault()} onClick={() => void submit(`/${command.command}`)}>
              <b>/{command.command}</b><span>{command.description}</span>
            </li>
          ))}
        </ul>
      )}
      {replyTo && <div class="replying"><b>Reply to {replyTo.from.first_name}</b><span>{replyTo.text ?? ''}</span></div>}
      <form class="line" onSubmit={(event) => { event.preventDefault(); void submit(text); }}>
        {commands.length > 0 && (
          <button type="button" class="round" aria-label="Commands" aria-expanded={showMenu} aria-controls="commands" onClick={() => { setMenuOpen(!menuOpen); setActive(0); input.current?.focus(); }}>
            <Icon name="slash" />
          </button>
        )}
        <div class="field">
          <textarea
            ref={input} rows={1} value={text} aria-label="Message" enterkeyhint="send"
            placeholder={keyboard?.input_field_placeholder ?? 'Message'}
            aria-activedescendant={showMenu ? `command-${active}` : undefined}
            onInput={(event) => { setText(event.currentTarget.value); setActive(0); }} onKeyDown={onKeyDown}
          />
          <label class="round attach" title="Send a picture or a file">
            <Icon name="clip" /><span class="hidden">Send a picture or a file</span>
            <input type="file" class="hidden" onChange={(event) => { const file = event.currentTarget.files?.[0]; if (file) onFile(file); event.currentTarget.value = ''; }} />
          </label>
          {keyboard && (
            <button type="button" class="round" aria-label={keysHidden ? 'Show the keyboard' : 'Hide the keyboard'} aria-pressed={!keysHidden} onClick={() => setKeysHidden(!keysHidden)}>
              <Icon name="keyboard" />
            </button>
          )}
        </div>
        <button type="submit" class="round send" aria-label="Send" disabled={text.trim() === ''}><Icon name="send" /></button>
      </form>
      {keyboard?.keyboard && !keysHidden && (
        <div class="keys" role="group" aria-label="Suggested answers">
          {keyboard.keyboard.map((row, y) => (
            <div class="button-row" key={y}>
              {row.map((button, x) => <button type="button" key={x} class="key" onClick={() => onKey(button)}>{button.text}</button>)}
            </div>
          ))}
        </div>
      )}
    </footer>
  );
}
