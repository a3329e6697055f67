import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** A further class, for its width. */
  kind?: string;
}

/** A modal dialog while it is mounted: Escape, the backdrop and the cross close it; focus returns to where it was. */
export function Dialog({ title, onClose, children, kind = '' }: DialogProps): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    const element = box.current;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box} class={`dialog ${kind}`} aria-labelledby={titleId}
      onCancel={(event) => { event.preventDefault(); onClose(); }} onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => { if (event.target === box.current) onClose(); }}
    >
      <div class="dialog-inner">
        <header><h2 id={titleId}>{title}</h2><button type="button" class="round" aria-label="Close" onClick={onClose}><Icon name="close" /></button></header>
        {children}
      </div>
    </dialog>
  );
}
