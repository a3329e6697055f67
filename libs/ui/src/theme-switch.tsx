import type { JSX } from 'preact';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import { THEMES, useTheme } from './theme.ts';
import type { Theme } from './theme.ts';

const LOOKS: Readonly<Record<Theme, { icon: IconName; label: string }>> = {
  system: { icon: 'auto', label: 'as the system' }, light: { icon: 'sun', label: 'light' }, dark: { icon: 'moon', label: 'dark' },
};

/** One button that goes through the themes: system, light, dark. */
export function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const label = `Theme: ${LOOKS[theme].label}. Change to ${LOOKS[next].label}`;
  return <button type="button" class="round" aria-label={label} title={label} onClick={() => setTheme(next)}><Icon name={LOOKS[theme].icon} /></button>;
}
