import type { Program, Template, TextForms } from '../program/program.ts';

/** Literal parts of a text; between two of them anything may stand. */
export type TextPattern = string[];

/** What `$t.key`, or a literal, looks like in a locale. A key that the locale lacks is taken from the default locale. */
export function textPattern(source: string, program: Program, locale: string, count?: number): TextPattern {
  if (!source.startsWith('$t.')) return [source.startsWith('\\$t.') ? source.slice(1) : source];
  const byLocale = Object.hasOwn(program.texts, source.slice(3)) ? program.texts[source.slice(3)] : undefined;
  const spoken = byLocale?.[locale] ? locale : program.meta.defaultLocale;
  const forms = byLocale?.[spoken];
  return forms ? patternOf(formOf(forms, spoken, count ?? 0), count) : [];
}

function formOf(forms: TextForms, locale: string, count: number): Template {
  if ('one' in forms) return forms.one;
  return forms.plural[new Intl.PluralRules(locale).select(count)] ?? forms.plural['other'] ?? [];
}

function patternOf(template: Template, count: number | undefined): TextPattern {
  const parts = [''];
  for (const part of template) {
    const literal = typeof part === 'string' ? part : part.p[0] === 'count' && count !== undefined ? String(count) : undefined;
    if (literal === undefined) parts.push('');
    else parts[parts.length - 1] += literal;
  }
  return parts;
}

/** Whether the whole text is of the pattern. */
export function matchesPattern(text: string, pattern: TextPattern): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return false;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.slice(first.length).endsWith(last)) return false;
  return inOrder(text.slice(first.length, text.length - last.length), rest);
}

/** Whether the pattern stands somewhere in the text. */
export function containsPattern(text: string, pattern: TextPattern): boolean {
  return pattern.length > 0 && inOrder(text, pattern);
}

function inOrder(text: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}

/** The pattern as people read it. */
export const patternText = (pattern: TextPattern): string => pattern.join('…');
