import { stableHash, flowHash, placeHash } from '../program/hash.ts';
import type { Target, Value } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import type { FlowNames } from './flow-index.ts';
import { isRecord } from './structure.ts';
import { listOf, recordOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { didYouMean } from './suggest.ts';
import { BUTTON_LOOKS, INLINE_ACTIONS, KEYBOARD_ACTIONS, MARKUPS } from './telegram-fields.ts';
import { urlValue } from './urls.ts';
import { PLAIN, constantTexts, personText, value } from './values.ts';
import type { TextUse } from './values.ts';

/** reply_markup of a message: Telegram's, with `goto` in buttons. */
export function replyMarkup(raw: unknown, path: string, flow: FlowNames, c: Compilation, use: TextUse): Value {
  const markup = recordOf(raw);
  const kind = Object.keys(MARKUPS).find((name) => Object.hasOwn(markup, name));
  if (!isRecord(raw) || !kind) {
    c.out.error({ code: 'bad_markup', path, found: raw, message: `reply_markup has one of ${Object.keys(MARKUPS).join(', ')}`, remedy: 'inline_keyboard: [[{ text: …, goto: … }]]' });
    return { lit: null };
  }
  const plain: TextUse = { ...PLAIN, count: use.count };
  const obj: { [key: string]: Value } = {};
  for (const [key, member] of Object.entries(markup)) {
    const at = join(path, key);
    if (key === 'inline_keyboard' || key === 'keyboard') obj[key] = rows(member, at, c, (button, where) => (key === 'keyboard' ? keyButton(button, where, flow, c, plain) : inlineButton(button, where, flow, c, plain)));
    else if (key !== kind && !MARKUPS[kind]?.includes(key)) c.out.error({ code: 'unknown_key', path: at, found: key, message: `\`${key}\` is not a field of a reply_markup with ${kind}`, remedy: didYouMean(key, MARKUPS[kind] ?? []) ?? 'leave it out' });
    else obj[key] = key === 'input_field_placeholder' ? personText(member, at, c, plain) : value(member, at, c, { cel: false });
  }
  return { obj };
}

function rows(raw: unknown, path: string, c: Compilation, button: (raw: unknown, path: string) => Value): Value {
  if (!Array.isArray(raw) || raw.some((row) => !Array.isArray(row))) c.out.error({ code: 'wrong_type', path, found: raw, message: 'a list of rows is expected, each a list of buttons', remedy: '[[{ text: …, goto: … }]]' });
  return { arr: listOf(raw).map((row, i) => ({ arr: listOf(row).map((item, j) => button(item, join(join(path, i), j))) })) };
}

function inlineButton(raw: unknown, path: string, flow: FlowNames, c: Compilation, use: TextUse): Value {
  const button = recordOf(raw);
  const obj: { [key: string]: Value } = { text: buttonText(button, path, c, use) };
  const actions = ['goto', ...INLINE_ACTIONS].filter((action) => Object.hasOwn(button, action));
  if (Object.hasOwn(button, 'callback_data')) c.out.error({ code: 'callback_data', path: join(path, 'callback_data'), found: button['callback_data'], message: '`callback_data` is ours', remedy: 'use goto' });
  else if (actions.length !== 1) c.out.error({ code: 'button_action', path, found: Object.keys(button).join(', '), message: `a button does exactly one thing; this one has ${actions.length === 0 ? 'none' : actions.join(' and ')}`, remedy: `one of goto, ${INLINE_ACTIONS.join(', ')}` });
  for (const [key, member] of Object.entries(button)) {
    const at = join(path, key);
    if (key === 'text' || key === 'callback_data') continue;
    if (key === 'goto') obj['callback_data'] = { lit: gotoData(c.flows.target(flow, member, at), String(member), flow, answerHash(button['answer'], join(path, 'answer'), c, use)) };
    else if (key === 'answer') {
      if (!Object.hasOwn(button, 'goto')) c.out.error({ code: 'unknown_key', path: at, found: key, message: '`answer` needs `goto`', remedy: 'leave it out: only presses that reach the bot are answered' });
    } else if (key === 'url') obj[key] = urlValue(member, at, c);
    else if (key === 'web_app' || key === 'login_url') obj[key] = urlObject(member, at, c);
    else if ([...INLINE_ACTIONS, ...BUTTON_LOOKS].includes(key)) obj[key] = value(member, at, c, { cel: false });
    else c.out.error({ code: 'unknown_key', path: at, found: key, message: `\`${key}\` is not a field of an inline button`, remedy: didYouMean(key, ['text', 'goto', 'answer', ...INLINE_ACTIONS, ...BUTTON_LOOKS]) ?? 'leave it out' });
  }
  return { obj };
}

function keyButton(raw: unknown, path: string, flow: FlowNames, c: Compilation, use: TextUse): Value {
  if (typeof raw === 'string') return { obj: { text: personText(raw, path, c, use) } };
  const button = recordOf(raw);
  const obj: { [key: string]: Value } = { text: buttonText(button, path, c, use) };
  for (const [key, member] of Object.entries(button)) {
    const at = join(path, key);
    if (key === 'text') continue;
    if (key === 'goto') keyboardGoto(button, at, flow, c);
    else if (key === 'web_app') obj[key] = urlObject(member, at, c);
    else if ([...KEYBOARD_ACTIONS, ...BUTTON_LOOKS].includes(key)) obj[key] = value(member, at, c, { cel: false });
    else c.out.error({ code: 'unknown_key', path: at, found: key, message: `\`${key}\` is not a field of a keyboard button`, remedy: didYouMean(key, ['text', 'goto', ...KEYBOARD_ACTIONS, ...BUTTON_LOOKS]) ?? 'leave it out' });
  }
  return { obj };
}

function keyboardGoto(button: Raw, path: string, flow: FlowNames, c: Compilation): void {
  const to = c.flows.target(flow, button['goto'], path);
  const texts = constantTexts(button['text'], c);
  if (!texts) c.out.error({ code: 'template_in_button', path, found: button['text'], message: 'the text of a keyboard button with `goto` must be constant, since it is recognised by it', remedy: 'use an inline button' });
  else if (to !== undefined) c.keyboardGotos.push({ texts, flow: flow.name, to });
}

function buttonText(button: Raw, path: string, c: Compilation, use: TextUse): Value {
  if (typeof button['text'] !== 'string' || button['text'] === '') {
    c.out.error({ code: 'missing_key', path: join(path, 'text'), found: button['text'], message: 'a button needs a `text`', remedy: 'add text: what the person sees' });
    return { lit: '' };
  }
  return personText(button['text'], join(path, 'text'), c, use);
}

function urlObject(raw: unknown, path: string, c: Compilation): Value {
  const rest = Object.entries(recordOf(raw)).map(([key, member]): [string, Value] => [key, key === 'url' ? urlValue(member, join(path, key), c, ['https']) : value(member, join(path, key), c, { cel: false })]);
  return { obj: Object.fromEntries(rest) };
}

/** callback_data of a goto button: names of things, not positions, so that it still fits in later revisions (≤ 64 bytes). */
export function gotoData(to: Target | undefined, name: string, flow: FlowNames, answer: string): string {
  if (to === undefined) return '';
  if (to === 'end') return `e${answer}`;
  return 'flow' in to ? `g:${flowHash(to.flow)}${answer}` : `l:${flowHash(flow.name)}:${placeHash(flow.name, name)}${answer}`;
}

function answerHash(raw: unknown, path: string, c: Compilation, use: TextUse): string {
  if (raw === undefined) return '';
  const answer = typeof raw === 'string' ? { text: raw } : recordOf(raw);
  for (const key of Object.keys(answer)) if (key !== 'text' && key !== 'show_alert') c.out.error({ code: 'unknown_key', path: join(path, key), found: key, message: `\`${key}\` is not a field of an answer`, remedy: 'an answer has text and show_alert' });
  const text = answer['text'];
  if (typeof text !== 'string') c.out.error({ code: 'missing_key', path, found: raw, message: 'an answer is text, or {text, show_alert}', remedy: 'answer: Done' });
  const longest = Math.max(0, ...(constantTexts(text, c) ?? []).map((constant) => constant.length));
  if (longest > LIMITS.answerCharsMax) c.out.error({ code: 'too_long', path, found: text, message: `an answer has at most ${LIMITS.answerCharsMax} characters`, remedy: 'shorten it, or reply with a message' });
  const hash = stableHash(`answer:${JSON.stringify([text, answer['show_alert'] === true])}`);
  c.answers[hash] = { text: personText(text, path, c, use), alert: answer['show_alert'] === true };
  return `:a${hash}`;
}
