import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import { useRoving } from './roving.ts';

export interface MenuItem {
  label: string;
  icon?: IconName;
  /** A line below the label. */
  hint?: string;
  /** Set for items of which one is chosen. */
  checked?: boolean;
  danger?: boolean;
  onSelect: () => void;
}

interface MenuProps {
  /** Name of the button for those who do not see it. */
  label: string;
  items: (MenuItem | null)[];
  children: ComponentChildren;
  class?: string;
  /** The children are text that names the button; otherwise the label does. */
  isNamed?: boolean;
  /** Side of the button that the menu keeps to. */
  align?: 'start' | 'end';
}

/** A button with a menu: arrow keys, Home, End, Escape; a null item is a line between groups. */
export function Menu({ label, items, children, class: className = 'round', isNamed = false, align = 'end' }: MenuProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (): void => { setOpen(false); button.current?.focus(); };
  return (
    <span class="menu-place">
      <button ref={button} type="button" class={className} aria-label={isNamed ? undefined : label} title={label} aria-haspopup="menu" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} onClick={() => setOpen(!isOpen)}>{children}</button>
      {isOpen && <MenuList id={id} label={label} items={items} align={align} onClose={close} onLeave={() => setOpen(false)} />}
    </span>
  );
}

interface ListProps {
  id: string;
  label: string;
  items: (MenuItem | null)[];
  align: 'start' | 'end';
  onClose: () => void;
  onLeave: () => void;
}

function MenuList({ id, label, items, align, onClose, onLeave }: ListProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const roving = useRoving(list, '[role^=menuitem]', 'vertical');
  const [shift, setShift] = useState(0);
  useEffect(() => {
    list.current?.querySelector<HTMLElement>('[aria-checked=true], [role^=menuitem]')?.focus();
    const outside = (event: Event): void => { if (event.target instanceof Node && !list.current?.parentElement?.contains(event.target)) onLeave(); };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  useLayoutEffect(() => {
    const box = list.current?.getBoundingClientRect();
    if (!box) return;
    if (box.left < 8) setShift(8 - box.left);
    else if (box.right > innerWidth - 8) setShift(innerWidth - 8 - box.right);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' || event.key === 'Tab') { event.stopPropagation(); onClose(); } else roving(event);
  };
  return (
    <div ref={list} id={id} class={`menu-list ${align}`} style={shift === 0 ? {} : { transform: `translateX(${shift}px)` }} role="menu" aria-label={label} onKeyDown={onKeyDown}>
      {items.map((item, i) => (item === null ? <hr key={i} /> : (
        <button key={i} type="button" role={item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={item.checked} tabIndex={-1} class={item.danger ? 'danger' : ''} onClick={() => { onClose(); item.onSelect(); }}>
          {item.icon && <Icon name={item.icon} />}
          <span>{item.label}{item.hint !== undefined && <small>{item.hint}</small>}</span>
          {item.checked === true && <Icon name="check" />}
        </button>
      )))}
    </div>
  );
}
