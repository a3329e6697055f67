import type { PiiPolicy } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { normaliseWords } from '../program/normalise.ts';
import type { IntentProgram, Program, ProgramMeta, StateKeyProgram, StateType, TextForms } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { checkName } from './flow-index.ts';
import { textDefaults } from './message.ts';
import { isRecord } from './structure.ts';
import { listOf, recordOf, textOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { didYouMean } from './suggest.ts';
import { PLAIN, checkLiteral, constantTexts, template, textSource } from './values.ts';
import { checkedDuration } from './wait-steps.ts';

/** Declared state; comes first, since expressions are checked against it. */
export function stateProgram(spec: Raw, out: Diagnostics): { [key: string]: StateKeyProgram } {
  const state: { [key: string]: StateKeyProgram } = {};
  for (const [key, raw] of Object.entries(recordOf(spec['state']))) {
    const path = join('state', key);
    const declared = recordOf(raw);
    checkName(key, 'a state key', path, out);
    if (key === 'locale') out.error({ code: 'reserved_name', path, found: key, message: '`locale` is a key of ours: saving it sets the language of the chat', remedy: 'choose another name' });
    if (out.hasErrorWithin(path)) {
      // Declared all the same, so that its uses are not reported as well.
      state[key] = { type: 'object' };
      continue;
    }
    const type = declared['type'] as StateType;
    const ttlMs = declared['ttl'] === undefined ? undefined : checkedDuration(declared['ttl'], join(path, 'ttl'), { out });
    if (declared['default'] !== undefined) checkLiteral(declared['default'], type, join(path, 'default'), { out });
    const hasDefault = declared['default'] !== undefined && declared['default'] !== null;
    state[key] = { type, ...(hasDefault ? { default: declared['default'] as Json } : {}), ...(ttlMs === undefined ? {} : { ttlMs }), ...(declared['pii'] === true ? { pii: true as const } : {}) };
  }
  return state;
}

export function metaProgram(c: Compilation): ProgramMeta {
  const meta = recordOf(c.spec['meta']);
  const timezone = textOf(meta['timezone']) ?? 'UTC';
  if (!isTimezone(timezone)) c.out.error({ code: 'unknown_timezone', path: 'meta.timezone', found: timezone, message: `\`${timezone}\` is not a time zone`, remedy: 'an IANA name such as Europe/Kyiv' });
  const written = textOf(meta['defaultLocale']);
  if (written !== undefined && !c.speaks(written)) c.out.error({ code: 'unknown_locale', path: 'meta.defaultLocale', found: written, message: `\`${written}\` is not one of meta.locales`, remedy: `add it to locales, or use ${c.locales.join(' or ')}` });
  const onMissingStep = meta['onMissingStep'] === undefined ? undefined : c.flows.flow(meta['onMissingStep'], 'meta.onMissingStep');
  const retentionMs = meta['retention'] === undefined ? undefined : checkedDuration(meta['retention'], 'meta.retention', c);
  const piiPolicy = (textOf(meta['piiPolicy']) ?? 'mask') as PiiPolicy;
  return {
    locales: [...c.locales],
    defaultLocale: c.defaultLocale,
    timezone,
    stateKey: (textOf(meta['stateKey']) ?? 'chat_user') as ProgramMeta['stateKey'],
    groups: (textOf(meta['groups']) ?? 'addressed') as ProgramMeta['groups'],
    idleTimeoutMs: (meta['idleTimeout'] === undefined ? undefined : checkedDuration(meta['idleTimeout'], 'meta.idleTimeout', c)) ?? LIMITS.idleTimeoutMsDefault,
    textDefaults: textDefaults(c) as ProgramMeta['textDefaults'],
    ...(retentionMs === undefined ? {} : { messages: { retentionMs, piiPolicy } }),
    ...(onMissingStep === undefined ? {} : { onMissingStep }),
  };
}

/** Names that were found to be good: making a formatter takes a millisecond, and there are some 600 zones. */
const timezones = new Set<string>();

function isTimezone(name: string): boolean {
  if (timezones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    timezones.add(name);
    return true;
  } catch {
    return false;
  }
}

/** All texts by key and locale, each template checked once. */
export function textsProgram(c: Compilation): Program['texts'] {
  const texts: Program['texts'] = {};
  for (const [locale, block] of Object.entries(recordOf(c.spec['localization']))) {
    const at = join('localization', locale);
    if (!c.speaks(locale)) c.out.error({ code: 'unknown_locale', path: at, found: locale, message: `\`${locale}\` is not one of meta.locales`, remedy: didYouMean(locale, c.locales) ?? 'add it to meta.locales' });
    for (const [key, text] of Object.entries(recordOf(block))) {
      const path = join(at, key);
      checkName(key, 'a text', path, c.out);
      if (c.out.hasErrorWithin(path)) continue;
      const byLocale = Object.hasOwn(texts, key) ? texts[key] : undefined;
      texts[key] = { ...byLocale, [locale]: textForms(text, path, c) };
    }
  }
  return texts;
}

function textForms(text: unknown, path: string, c: Compilation): TextForms {
  if (!isRecord(text)) return { one: template(String(text), path, c) };
  return { plural: Object.fromEntries(Object.entries(text).map(([form, forms]) => [form, template(String(forms), join(path, form), c, { count: true })])) };
}

export function ownTexts(c: Compilation): Program['ownTexts'] {
  const own: Program['ownTexts'] = {};
  for (const name of ['errorText', 'reaskText', 'staleText'] as const) if (typeof c.spec[name] === 'string') own[name] = textSource(c.spec[name], name, c, PLAIN);
  return own;
}

export function commandsProgram(c: Compilation): Program['commands'] {
  const commands: Program['commands'] = {};
  const usual = textOf(recordOf(c.spec['meta'])['commandsInFlow']) ?? 'replace';
  listOf(c.spec['commands']).map(recordOf).forEach((command, index) => {
    const path = join('commands', index);
    const name = textOf(command['command']);
    if (name === undefined) return;
    if (Object.hasOwn(commands, name)) c.out.error({ code: 'duplicate_name', path: join(path, 'command'), found: name, message: `command \`${name}\` stands here twice`, remedy: 'remove one' });
    checkDescription(command, path, c);
    const flow = c.flows.flow(command['flow'], join(path, 'flow'));
    if (flow !== undefined) commands[name] = { flow, inFlow: (textOf(command['inFlow']) ?? usual) === 'suspend' ? 'suspend' : 'replace' };
  });
  return commands;
}

function checkDescription(command: Raw, commandPath: string, c: Compilation): void {
  const path = join(commandPath, 'description');
  const description = command['description'];
  if (description === undefined) {
    if (command['hidden'] !== true) c.out.error({ code: 'missing_key', path, message: 'a command needs a description', remedy: 'add one, or hidden: true' });
    return;
  }
  textSource(description, path, c, PLAIN);
  if (c.out.hasErrorWithin(path)) return;
  const texts = constantTexts(description, c);
  if (!texts) c.out.error({ code: 'template_in_description', path, found: description, message: 'the description of a command is constant: Telegram shows the same to everybody', remedy: 'use a text without {{…}}' });
  else if (texts.some((text) => text.length < 1 || text.length > 256)) c.out.error({ code: 'too_long', path, found: description, message: 'a description has 1 to 256 characters', remedy: 'shorten it in every language' });
}

export function intentsProgram(c: Compilation): IntentProgram[] {
  const seen = new Set<string>();
  return listOf(c.spec['intents']).map(recordOf).flatMap((intent, index) => {
    const path = join('intents', index);
    const id = textOf(intent['id']) ?? '';
    if (id !== '') checkName(id, 'an intent', join(path, 'id'), c.out);
    if (id !== '' && seen.has(id)) c.out.error({ code: 'duplicate_name', path: join(path, 'id'), found: id, message: `intent \`${id}\` stands here twice`, remedy: 'choose another id' });
    seen.add(id);
    const flow = c.flows.flow(intent['flow'], join(path, 'flow'));
    const keywords = intentKeywords(recordOf(intent['keywords']), join(path, 'keywords'), c);
    if (flow === undefined || c.out.hasErrorWithin(path)) return [];
    return [{ id, flow, priority: Number(intent['priority'] ?? 0), cooldownMs: Number(intent['cooldownSec'] ?? 0) * 1_000, keywords }];
  });
}

function intentKeywords(raw: Raw, path: string, c: Compilation): { [locale: string]: string[] } {
  const keywords: { [locale: string]: string[] } = {};
  for (const [locale, words] of Object.entries(raw)) {
    const at = join(path, locale);
    if (!c.speaks(locale)) c.out.error({ code: 'unknown_locale', path: at, found: locale, message: `\`${locale}\` is not one of meta.locales`, remedy: didYouMean(locale, c.locales) ?? 'add it to meta.locales' });
    keywords[locale] = listOf(words).map((word) => normaliseWords(String(word)));
    keywords[locale].forEach((word, index) => word === '' && c.out.error({ code: 'too_short', path: join(at, index), found: listOf(words)[index], message: 'a keyword has at least one letter or digit', remedy: 'write a word, or remove it' }));
  }
  return keywords;
}
