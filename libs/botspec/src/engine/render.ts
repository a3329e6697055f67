import type { Json } from '@botplane/domain';
import type { Escape, Template, TextKey, Value } from '../program/program.ts';
import { StepFailure } from './failure.ts';
import { own, plainNumber, toJson } from './json.ts';
import type { Session } from './session.ts';

/** What a step brings to the texts it shows. */
export interface RenderScope {
  /** Chooses plural forms and is {{count}}. */
  count?: number;
}

type Substitute = (value: unknown) => string;

/** Resolves a value of the program to JSON. Failing expressions fail the step; templates never fail. */
export function renderValue(value: Value, session: Session, scope: RenderScope = {}): Json {
  if ('lit' in value) return value.lit;
  if ('tpl' in value) return fill(value.tpl, session, scope, (member) => plainText(member, session));
  if ('text' in value) return renderText(value.text, value.esc, session, scope);
  if ('url' in value) return renderUrl(value.url, session, scope);
  if ('arr' in value) return value.arr.map((item) => renderValue(item, session, scope));
  if ('obj' in value) return Object.fromEntries(Object.entries(value.obj).map(([key, member]) => [key, renderValue(member, session, scope)]));
  const result = toJson(session.evaluate(value.cel));
  if (result === undefined) throw new StepFailure('type_mismatch');
  return result;
}

/** Resolves a value to text. */
export function renderString(value: Value, session: Session, scope: RenderScope = {}): string {
  return plainText(renderValue(value, session, scope), session);
}

/** A text for people, in the chat's language. */
export function renderText(text: Template | TextKey, esc: Escape, session: Session, scope: RenderScope = {}): string {
  const substitute: Substitute = (member) => escapeText(plainText(member, session), esc);
  return fill('key' in text ? chooseForm(text.key, session, scope) : text, session, scope, substitute);
}

function chooseForm(key: string, session: Session, scope: RenderScope): Template {
  const byLocale = own(session.program.texts, key);
  const fallback = session.program.meta.defaultLocale;
  const locale = own(byLocale, session.locale) ? session.locale : fallback;
  const forms = own(byLocale, locale);
  if (!forms) return [];
  if ('one' in forms) return forms.one;
  const category = new Intl.PluralRules(locale).select(scope.count ?? 0);
  return own(forms.plural, category) ?? own(forms.plural, 'other') ?? [];
}

function renderUrl(template: Template, session: Session, scope: RenderScope): string {
  const [first] = template;
  if (template.length === 1 && first !== undefined && typeof first !== 'string') {
    const url = plainText(lookUp(first.p, session, scope), session);
    if (!/^(https|tg):\/\/[^\s]+$/i.test(url)) throw new StepFailure('bad_url');
    return url;
  }
  return fill(template, session, scope, (member) => percentEncode(plainText(member, session)));
}

/** encodeURIComponent throws on half surrogates, which a person's text may hold. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Fills a template; substituted text is never read as a template again. */
export function fill(template: Template, session: Session, scope: RenderScope, substitute: Substitute): string {
  return template.map((part) => (typeof part === 'string' ? part : substitute(lookUp(part.p, session, scope)))).join('');
}

function lookUp(path: string[], session: Session, scope: RenderScope): unknown {
  const [root, first, ...rest] = path;
  if (root === 'count') return scope.count;
  if (first === undefined) return undefined;
  let at: unknown = root === 'state' ? session.readValue(first) : own(session.context(), first);
  for (const key of rest) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.hasOwn(at, key) ? (at as { [key: string]: unknown })[key] : undefined;
  }
  return at;
}

/** Substituted values as people read them. */
export function plainText(value: unknown, session: Session): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return plainNumber(value);
  if (value instanceof Date) return isoInZone(value, session.program.meta.timezone);
  return JSON.stringify(toJson(value) ?? null);
}

const HTML: { readonly [mark: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeText(text: string, esc: Escape): string {
  if (esc === 'HTML') return text.replace(/[&<>"]/g, (mark) => HTML[mark] ?? mark);
  if (esc === 'MarkdownV2') return text.replace(/[_*[\]()~`>#+\-=|{}.!\\]/g, '\\$&');
  return text;
}

/** `2026-11-20T14:03:00+02:00`. */
function isoInZone(date: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(date);
  const part = (type: string): string => (parts.find((candidate) => candidate.type === type)?.value ?? '').padStart(2, '0');
  const local = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
  const offsetMin = Math.round((Date.parse(`${local}Z`) - date.getTime()) / 60_000);
  const abs = Math.abs(offsetMin);
  return `${local}${offsetMin < 0 ? '-' : '+'}${String(Math.floor(abs / 60)).padStart(2, '0')}:${String(abs % 60).padStart(2, '0')}`;
}
