import type { Json } from '@botplane/domain';
import { CONTEXT_TYPES } from '../program/cel.ts';
import type { Escape, StateType, Template, TextKey, Value } from '../program/program.ts';
import { constantText, parseTemplate } from '../program/template.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import { isRecord } from './structure.ts';
import { ownOf, recordOf } from './raw.ts';
import { didYouMean } from './suggest.ts';

export interface TextUse {
  esc: Escape;
  /** The step has `count`, so plural texts may be used. */
  count: boolean;
  /** Legacy Markdown cannot escape, so nothing may be substituted. */
  legacyMarkdown?: boolean;
}

export const PLAIN: TextUse = { esc: 'none', count: false };

/** Splits a template and checks its paths. */
export function template(text: string, path: string, c: Compilation, options: { count?: boolean; keepSecrets?: boolean } = {}): Template {
  const keep = (inner: string): boolean => options.keepSecrets === true && inner.startsWith('secret.');
  const parsed = parseTemplate(text, keep);
  for (const bad of parsed.bad) c.out.error({ code: 'bad_template', path, found: text, message: `\`{{${bad}}}\` is not a path`, remedy: 'write {{state.key}}, {{context.field}} or {{count}}; \\{{ is literal' });
  for (const part of parsed.template) if (typeof part !== 'string') checkTemplatePath(part.p, path, text, c, options.count === true);
  return parsed.template;
}

function checkTemplatePath(parts: string[], path: string, text: string, c: Compilation, count: boolean): void {
  const [root] = parts;
  const written = parts.join('.');
  if (root === 'count' && parts.length === 1) {
    if (!count) c.out.error({ code: 'count_outside_plural', path, found: text, message: '`{{count}}` stands only in plural texts', remedy: 'write the text with one and other' });
  } else if (root === 'secret') {
    c.out.error({ code: 'secret_outside_headers', path, found: text, message: `\`{{${written}}}\` may stand only in headers of apiCall`, remedy: 'send it in a header' });
  } else if ((root !== 'state' && root !== 'context') || parts.length < 2) {
    c.out.error({ code: 'unknown_path', path, found: text, message: `\`{{${written}}}\`: a path begins with state., context. or is count`, remedy: Object.hasOwn(CONTEXT_TYPES, root ?? '') ? `did you mean \`context.${written}\`?` : (didYouMean(root ?? '', ['state', 'context', 'count']) ?? 'write {{state.key}} or {{context.field}}') });
  } else c.checkPath(parts, path, text);
}

/** Text that a person reads: `$t.key` or literal. */
export function personText(value: unknown, path: string, c: Compilation, use: TextUse): Value {
  return { text: textSource(value, path, c, use), esc: use.esc };
}

export function textSource(value: unknown, path: string, c: Compilation, use: TextUse): Template | TextKey {
  const text = typeof value === 'string' ? value : '';
  if (text.startsWith('$t.')) return textKey(text, path, c, use);
  const result = template(text.startsWith('\\$t.') ? text.slice(1) : text, path, c, { count: false });
  if (use.legacyMarkdown && constantText(result) === undefined) markdownError(text, path, c);
  return result;
}

function textKey(reference: string, path: string, c: Compilation, use: TextUse): TextKey {
  const key = reference.slice(3);
  const blocks = recordOf(c.spec['localization']);
  const text = ownOf(recordOf(blocks[c.defaultLocale]), key);
  c.usedTexts.add(key);
  if (text === undefined) {
    const elsewhere = Object.keys(blocks).find((locale) => Object.hasOwn(recordOf(blocks[locale]), key));
    const message = elsewhere ? `text \`${key}\` exists in ${elsewhere} but not in the default locale ${c.defaultLocale}` : `text \`${key}\` does not exist`;
    c.out.error({ code: elsewhere ? 'missing_translation' : 'unknown_text', path, found: reference, message, remedy: elsewhere ? `add localization.${c.defaultLocale}.${key}` : (didYouMean(key, Object.keys(recordOf(blocks[c.defaultLocale]))) ?? `add localization.${c.defaultLocale}.${key}`) });
    return { key };
  }
  const variants = Object.values(blocks).map((block) => ownOf(recordOf(block), key)).filter((variant) => variant !== undefined);
  if (!use.count && variants.some(isRecord)) c.out.error({ code: 'plural_without_count', path, found: reference, message: `\`${key}\` is a plural text and the step has no \`count\``, remedy: 'add count: "= state.…"' });
  if (use.legacyMarkdown && variants.some((variant) => JSON.stringify(variant).includes('{{'))) markdownError(reference, path, c);
  return { key };
}

function markdownError(found: string, path: string, c: Compilation): void {
  c.out.error({ code: 'markdown_template', path, found, message: 'legacy Markdown cannot hold substituted values safely', remedy: 'use parse_mode HTML or MarkdownV2' });
}

/** The text in every locale, when nothing is substituted and it has no plural; else undefined. */
export function constantTexts(value: unknown, c: Compilation): string[] | undefined {
  const text = typeof value === 'string' ? value : '';
  const variants = text.startsWith('$t.') ? Object.values(recordOf(c.spec['localization'])).map((block) => ownOf(recordOf(block), text.slice(3))).filter((variant) => variant !== undefined) : [text.startsWith('\\$t.') ? text.slice(1) : text];
  const constants = variants.map((variant) => (typeof variant === 'string' ? constantText(parseTemplate(variant).template) : undefined));
  return constants.some((constant) => constant === undefined) ? undefined : [...new Set(constants as string[])];
}

export interface ValueUse {
  /** Strings that begin with "= " are CEL. */
  cel: boolean;
  /** Type of the state key that receives it. */
  type?: StateType;
}

/** Any JSON with templates and, where allowed, CEL inside. */
export function value(raw: unknown, path: string, c: Compilation, use: ValueUse): Value {
  if (typeof raw === 'string') return textValue(raw, path, c, use);
  if (use.type) checkLiteral(raw, use.type, path, c);
  const inner: ValueUse = { cel: use.cel };
  if (Array.isArray(raw)) {
    const arr = raw.map((item, index) => value(item, join(path, index), c, inner));
    return arr.every((item) => 'lit' in item) ? { lit: raw as Json } : { arr };
  }
  if (isRecord(raw)) {
    const obj = Object.fromEntries(Object.entries(raw).map(([key, member]) => [key, value(member, join(path, key), c, inner)]));
    return Object.values(obj).every((member) => 'lit' in member) ? { lit: raw as Json } : { obj };
  }
  return { lit: (raw ?? null) as Json };
}

function textValue(raw: string, path: string, c: Compilation, use: ValueUse): Value {
  if (use.cel && raw.startsWith('= ')) return { cel: c.expression(raw.slice(2), path, use.type) };
  if (use.cel && raw.startsWith('=') && !raw.startsWith('==')) c.out.warn({ code: 'suspicious_text', path, found: raw, message: 'this is text; an expression begins with "= " (with a blank)' });
  const text = use.cel && raw.startsWith('\\= ') ? raw.slice(1) : raw;
  if (use.type && use.type !== 'string') {
    c.out.error({ code: 'type_mismatch', path, found: raw, message: `text cannot be saved where ${use.type} is declared`, remedy: 'use a literal of that type or "= …"' });
  }
  const parts = template(text, path, c);
  const constant = constantText(parts);
  return constant === undefined ? { tpl: parts } : { lit: constant };
}

/** Whether a literal is of a declared type; reports when not. */
export function checkLiteral(raw: unknown, type: StateType, path: string, c: { out: Compilation['out'] }): void {
  if (raw === null || raw === undefined || literalFits(raw, type)) return;
  c.out.error({ code: 'type_mismatch', path, found: raw, message: `${type} is declared`, remedy: `give a value of type ${type}` });
}

export function literalFits(raw: unknown, type: StateType): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof raw === type;
    case 'integer':
      return Number.isSafeInteger(raw);
    case 'number':
      return typeof raw === 'number' && Number.isFinite(raw);
    case 'object':
      return isRecord(raw);
    case 'array':
      return Array.isArray(raw);
  }
}
