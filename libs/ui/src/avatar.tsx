import type { JSX } from 'preact';

/** How many colours ui.css has for avatars. */
const TONES = 6;

/** The first letters of the first two words, upper case. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return words.slice(0, 2).map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32).toUpperCase()).join('');
}

/** Initials on a colour that belongs to the name. */
export function Avatar({ name, size = 'normal' }: { name: string; size?: 'small' | 'normal' | 'large' }): JSX.Element {
  const tone = name.split('').reduce((sum, char) => sum + char.charCodeAt(0), 0) % TONES;
  return <span class={`avatar tone-${tone} ${size}`} aria-hidden="true">{initialsOf(name)}</span>;
}
