import type { MessageProgram, Value } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import { bundledFile, isBundlePath } from './bundle-files.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import type { FlowNames } from './flow-index.ts';
import { replyMarkup } from './keyboard.ts';
import { recordOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { didYouMean } from './suggest.ts';
import { LOCATION_FIELDS, SEND_METHODS } from './telegram-fields.ts';
import { urlValue } from './urls.ts';
import { personText, value } from './values.ts';
import type { TextUse } from './values.ts';

const BODIES = Object.keys(SEND_METHODS);
const OURS = ['count', 'chat_id', 'ref'];
/** Besides the body, what takes a file. */
const FILE_FIELDS = ['thumbnail', 'cover'];

export interface CompiledMessage {
  msg: MessageProgram;
  /** How further texts of the same step are read. */
  use: TextUse;
}

/** The message of a reply, ask or choice; `own` are the step's other keys. */
export function message(raw: Raw, path: string, flow: FlowNames, c: Compilation, own: readonly string[] = []): CompiledMessage | undefined {
  const bodies = BODIES.filter((body) => Object.hasOwn(raw, body));
  const [body] = bodies;
  const send = body === undefined ? undefined : SEND_METHODS[body];
  if (bodies.length !== 1 || body === undefined || !send) {
    c.out.error({ code: 'message_body', path, found: bodies.join(', '), message: bodies.length === 0 ? 'the message has no body' : `the message has ${bodies.join(' and ')}`, remedy: `give exactly one of ${BODIES.join(', ')}` });
    return undefined;
  }
  checkFields(raw, path, body, own, c);
  const defaults = recordOf(recordOf(c.spec['meta'])['messageDefaults']);
  const fields: Raw = { ...Object.fromEntries(Object.entries(defaults).filter(([key]) => send.fields.includes(key))), ...raw };
  const use = textUse(fields, Object.hasOwn(raw, 'count'));
  const params: { [key: string]: Value } = { ...bodyParams(body, raw, path, c, use) };
  for (const [key, member] of Object.entries(fields)) {
    if (key === body || !send.fields.includes(key)) continue;
    params[key] = field(member, join(path, key), flow, c, use);
  }
  const msg: MessageProgram = { method: send.method, params };
  if (Object.hasOwn(raw, 'count')) msg.count = countValue(raw['count'], join(path, 'count'), c);
  if (Object.hasOwn(raw, 'chat_id')) msg.chatId = chatId(raw['chat_id'], join(path, 'chat_id'), c);
  if (body === 'text') msg.body = { field: 'text', max: LIMITS.messageCharsMax };
  else if (Object.hasOwn(params, 'caption')) msg.body = { field: 'caption', max: LIMITS.captionCharsMax };
  return { msg, use };
}

/** meta.messageDefaults as far as they concern a plain text. */
export function textDefaults(c: Compilation): Raw {
  const defaults = recordOf(recordOf(c.spec['meta'])['messageDefaults']);
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => SEND_METHODS['text']?.fields.includes(key)));
}

/** How `reask` and `message` are read: they are sent with the defaults. */
export function sideTextUse(c: Compilation, count: boolean): TextUse {
  return textUse(textDefaults(c), count);
}

/** Checks meta.messageDefaults: each field exists in some method. */
export function checkMessageDefaults(c: Compilation): void {
  const known = [...new Set(BODIES.flatMap((body) => SEND_METHODS[body]?.fields ?? []))].filter((field) => field !== 'reply_markup');
  const path = 'meta.messageDefaults';
  for (const key of Object.keys(recordOf(recordOf(c.spec['meta'])['messageDefaults']))) {
    if (!known.includes(key)) c.out.error({ code: 'unknown_key', path: join(path, key), found: key, message: `\`${key}\` is not a field that messages share`, remedy: didYouMean(key, known) ?? 'set it on the message' });
  }
}

function checkFields(raw: Raw, path: string, body: string, own: readonly string[], c: Compilation): void {
  const send = SEND_METHODS[body];
  const known = [body, ...(send?.fields ?? []), ...OURS, ...own];
  for (const key of Object.keys(raw)) {
    if (known.includes(key)) continue;
    c.out.error({ code: 'unknown_key', path: join(path, key), found: key, message: `\`${key}\` is not a field of ${send?.method}`, remedy: didYouMean(key, known) ?? 'leave it out' });
  }
}

function textUse(fields: Raw, count: boolean): TextUse {
  const mode = fields['parse_mode'];
  return { esc: mode === 'HTML' || mode === 'MarkdownV2' ? mode : 'none', count, legacyMarkdown: mode === 'Markdown' };
}

function bodyParams(body: string, raw: Raw, path: string, c: Compilation, use: TextUse): { [key: string]: Value } {
  const at = join(path, body);
  if (body === 'text') return { text: personText(raw['text'], at, c, use) };
  if (body === 'location') return locationParams(recordOf(raw['location']), at, c);
  const source = typeof raw[body] === 'string' ? raw[body] : '';
  if (isBundlePath(source)) return { [body]: bundledFile(source, at, body, c) };
  return { [body]: /^https?:\/\//i.test(source) ? urlValue(source, at, c, ['https']) : value(source, at, c, { cel: false }) };
}

function locationParams(location: Raw, path: string, c: Compilation): { [key: string]: Value } {
  for (const key of ['latitude', 'longitude']) if (!Object.hasOwn(location, key)) c.out.error({ code: 'missing_key', path: join(path, key), message: `a location needs \`${key}\`` });
  const params: { [key: string]: Value } = {};
  for (const [key, member] of Object.entries(location)) {
    if (!LOCATION_FIELDS.includes(key)) c.out.error({ code: 'unknown_key', path: join(path, key), found: key, message: `\`${key}\` is not a field of a location`, remedy: didYouMean(key, LOCATION_FIELDS) });
    else params[key] = value(member, join(path, key), c, { cel: false });
  }
  return params;
}

function field(raw: unknown, path: string, flow: FlowNames, c: Compilation, use: TextUse): Value {
  const key = path.slice(path.lastIndexOf('.') + 1);
  if (key === 'caption') return personText(raw, path, c, use);
  if (key === 'reply_markup') return replyMarkup(raw, path, flow, c, use);
  if (FILE_FIELDS.includes(key) && isBundlePath(raw)) return bundledFile(raw, path, key, c);
  return value(raw, path, c, { cel: false });
}

export function countValue(raw: unknown, path: string, c: Compilation): Value {
  if (typeof raw === 'number') return { lit: raw };
  if (typeof raw === 'string' && raw.startsWith('= ')) return { cel: c.expression(raw.slice(2), path, 'number') };
  c.out.error({ code: 'wrong_type', path, found: raw, message: '`count` is a number or an expression', remedy: 'count: "= state.…"' });
  return { lit: 0 };
}

function chatId(raw: unknown, path: string, c: Compilation): Value {
  if (typeof raw === 'number' && Number.isSafeInteger(raw)) return { lit: raw };
  if (typeof raw === 'string' && /^@[A-Za-z0-9_]{4,32}$/.test(raw)) return { lit: raw };
  if (typeof raw === 'string' && raw.startsWith('= ')) return { cel: c.expression(raw.slice(2), path, 'number-or-text') };
  c.out.error({ code: 'wrong_type', path, found: raw, message: '`chat_id` is a number, @name or an expression', remedy: 'chat_id: "= …"' });
  return { lit: 0 };
}
