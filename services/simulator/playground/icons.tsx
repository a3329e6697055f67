import type { JSX } from 'preact';

const PATHS = {
  send: 'M20 4 4 10.8l6.4 2.8L13.2 20 20 4zM20 4l-9.6 9.6',
  code: 'm9 8-4 4 4 4m6-8 4 4-4 4',
  close: 'm6 6 12 12M18 6 6 18',
  back: 'm14 6-6 6 6 6',
  down: 'm6 10 6 6 6-6',
  slash: 'M15 5 9 19',
  keyboard: 'M4 7h16v10H4zM7.5 10.5h.01M12 10.5h.01M16.5 10.5h.01M8.5 13.8h7',
  clip: 'm18.5 11-6.7 6.7a4 4 0 0 1-5.6-5.6l7-7a2.7 2.7 0 0 1 3.8 3.8l-7 7a1.3 1.3 0 0 1-1.9-1.9l6.3-6.3',
  file: 'M7 4h7l4 4v12H7zM14 4v4h4',
  pin: 'M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11zm0-8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  person: 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-6.5 8a6.5 6.5 0 0 1 13 0',
  link: 'M8 16 16.5 7.5M9.5 7.5h7v7',
} as const;

/** A line drawing; the control it stands in carries the name. */
export function Icon({ name }: { name: keyof typeof PATHS }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Initials on a colour that belongs to the name. */
export function Avatar({ name, small = false }: { name: string; small?: boolean }): JSX.Element {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const initials = words.slice(0, 2).map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32).toUpperCase()).join('');
  const tone = name.split('').reduce((sum, char) => sum + char.charCodeAt(0), 0) % 6;
  return <span class={`avatar tone-${tone}${small ? ' small' : ''}`} aria-hidden="true">{initials}</span>;
}
