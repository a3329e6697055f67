import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';

const TOAST_MS = 4_000;

/** A short notice that goes by itself; an empty text shows none. Errors are told at once, all else politely. */
export function Toast({ text, isError = false, onDone }: { text: string; isError?: boolean; onDone: () => void }): JSX.Element {
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(onDone, isError ? TOAST_MS * 2 : TOAST_MS);
    return () => clearTimeout(timer);
  }, [text, isError]);
  return <div class="toast-place" role={isError ? 'alert' : 'status'}>{text !== '' && <p class={`toast${isError ? ' error' : ''}`}>{text}</p>}</div>;
}
