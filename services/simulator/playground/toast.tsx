import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const TOAST_MS = 4_000;

/** A short notice over the chat; an empty text shows none. */
export function Toast({ text, onDone }: { text: string; onDone: () => void }): JSX.Element {
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(onDone, TOAST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return <div class="toast-place" role="status" aria-live="assertive">{text !== '' && <p class="toast">{text}</p>}</div>;
}

/** An answer that wants to be confirmed. */
export function Alert({ text, from, onDone }: { text: string; from: string; onDone: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (text === '') dialog.current?.close();
    else if (!dialog.current?.open) dialog.current?.showModal();
  }, [text]);
  return (
    <dialog ref={dialog} class="alert" aria-labelledby="alert-from" onClose={onDone}>
      <h2 id="alert-from">{from}</h2>
      <p>{text}</p>
      <button type="button" class="primary" onClick={() => dialog.current?.close()}>OK</button>
    </dialog>
  );
}
