import { useRoving } from '@botplane/ui';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { rowsOf } from './keyboards.ts';
import type { KeyboardButton, ReplyMarkup } from './types.ts';

/** The bot's keyboard below the text field: one stop of the Tab key, arrow keys inside. */
export function ReplyKeyboard({ markup, onKey }: { markup: ReplyMarkup; onKey: (button: KeyboardButton) => void }): JSX.Element {
  const group = useRef<HTMLDivElement>(null);
  const onKeyDown = useRoving(group, 'button', 'grid');
  const { rows, isTall } = rowsOf(markup);
  return (
    <div ref={group} class={`keys${isTall ? ' tall' : ''}`} role="group" aria-label="Suggested answers" onKeyDown={onKeyDown}>
      {rows.map((row, y) => (
        <div class="button-row" key={y}>
          {row.map((button, x) => <button type="button" key={x} class="key" tabIndex={y === 0 && x === 0 ? 0 : -1} onClick={() => onKey(button)}>{button.text}</button>)}
        </div>
      ))}
    </div>
  );
}
