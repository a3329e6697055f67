import type { ProgramMeta } from '../program/program.ts';

/** Locale of a chat key: the saved one, else the person's language (exact, then its language part), else the default. */
export function chooseLocale({ locales, defaultLocale }: ProgramMeta, saved: unknown, languageCode: unknown): string {
  if (typeof saved === 'string' && locales.includes(saved)) return saved;
  if (typeof languageCode !== 'string') return defaultLocale;
  const code = languageCode.toLowerCase();
  const exact = locales.find((locale) => locale.toLowerCase() === code);
  return exact ?? locales.find((locale) => locale.toLowerCase() === code.split('-')[0]) ?? defaultLocale;
}
