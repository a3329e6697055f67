import { Icon, useRoving } from '@botplane/ui';
import type { IconName } from '@botplane/ui';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { actOf } from './keyboards.ts';
import type { InlineButton } from './types.ts';

const ICONS: Readonly<Record<string, IconName>> = { link: 'link', copy: 'copy', pay: 'card', insert: 'edit', none: 'block' };

interface Props {
  rows: InlineButton[][];
  botUsername: string;
  /** Data of the button that waits for its answer. */
  waiting: string | null;
  onPress: (button: InlineButton) => void;
}

/** The buttons under a message: one stop of the Tab key, arrow keys inside. */
export function InlineKeyboard({ rows, botUsername, waiting, onPress }: Props): JSX.Element {
  const group = useRef<HTMLDivElement>(null);
  const onKeyDown = useRoving(group, 'button', 'grid');
  return (
    <div ref={group} class="buttons" role="group" aria-label="Buttons" onKeyDown={(event) => { if (event.key.startsWith('Arrow')) event.stopPropagation(); onKeyDown(event); }}>
      {rows.map((row, y) => (
        <div class="button-row" key={y}>
          {row.map((button, x) => {
            const act = actOf(button, botUsername);
            const icon = ICONS[act.kind];
            return (
              <button type="button" key={x} class="inline" tabIndex={y === 0 && x === 0 ? 0 : -1} aria-busy={waiting !== null && waiting === button.callback_data} onClick={() => onPress(button)}>
                <span>{button.text}</span>
                {icon && <Icon name={icon} />}
              </button>
            );
          })}
        </div>
      ))}
    </div>
  );
}
