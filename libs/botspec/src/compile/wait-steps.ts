import { choiceHash, stableHash } from '../program/hash.ts';
import type { AskProgram, ChoiceProgram, Expect, OptionProgram, StateType, TimeoutProgram, Value } from '../program/program.ts';
import { foldOption } from '../program/normalise.ts';
import { LIMITS } from '../schema/limits.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import type { FlowNames, Place } from './flow-index.ts';
import { message, sideTextUse } from './message.ts';
import { durationMs, recordOf, textOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { PLAIN, constantTexts, personText, value } from './values.ts';
import type { TextUse } from './values.ts';

/** What each `expect` saves, and to which types that fits. */
const EXPECTS: { readonly [expect in Expect]: readonly StateType[] } = {
  text: ['string'], integer: ['integer', 'number'], number: ['number'], email: ['string'], phone: ['string'], date: ['string'],
  contact: ['object'], location: ['object'], photo: ['string', 'object'], document: ['string', 'object'], any: ['string', 'object'],
};
/** Those that Telegram has a request button for. */
const REQUESTED: readonly Expect[] = ['contact', 'phone', 'location'];

export function timeoutProgram(raw: unknown, path: string, flow: FlowNames, c: Compilation): TimeoutProgram | undefined {
  if (raw === undefined) return undefined;
  const timeout = recordOf(raw);
  const to = c.flows.target(flow, timeout['goto'], join(path, 'goto'));
  const afterMs = checkedDuration(timeout['after'], join(path, 'after'), c);
  return to !== undefined && afterMs !== undefined ? { afterMs, to } : undefined;
}

/** A duration within its bounds, in ms. */
export function checkedDuration(raw: unknown, path: string, c: { out: Compilation['out'] }): number | undefined {
  const ms = durationMs(raw);
  if (ms !== undefined && ms > LIMITS.durationMsMax) {
    c.out.error({ code: 'out_of_range', path, found: raw, message: 'a duration is between 1s and 30d', remedy: 'at most 30d' });
    return undefined;
  }
  return ms;
}

export function askProgram(raw: Raw, place: Place, flow: FlowNames, c: Compilation): AskProgram | undefined {
  const path = join(place.path, 'ask');
  const compiled = message(raw, path, flow, c, ['expect', 'save', 'reask', 'timeout', 'button']);
  const expect = (textOf(raw['expect']) ?? 'text') as Expect;
  checkSave(raw['save'], EXPECTS[expect], join(path, 'save'), c);
  const save = textOf(raw['save']);
  const asObject = save !== undefined && Object.hasOwn(c.state, save) && c.state[save]?.type === 'object';
  if (raw['button'] !== undefined && !REQUESTED.includes(expect)) c.out.error({ code: 'unknown_key', path: join(path, 'button'), found: raw['button'], message: `\`button\` is for ${REQUESTED.join(', ')}, not for ${expect}`, remedy: 'leave it out' });
  const button = raw['button'] === undefined ? undefined : personText(raw['button'], join(path, 'button'), c, { ...PLAIN, count: compiled?.use.count ?? false });
  return compiled && { k: 'ask', expect, msg: compiled.msg, ...(button ? { button } : {}), ...(asObject ? { asObject } : {}), ...waitFields(raw, path, flow, c, compiled.use) };
}

function waitFields(raw: Raw, path: string, flow: FlowNames, c: Compilation, use: TextUse): { save?: string; reask?: Value; timeout?: TimeoutProgram } {
  const save = textOf(raw['save']);
  const timeout = timeoutProgram(raw['timeout'], join(path, 'timeout'), flow, c);
  return {
    ...(save === undefined ? {} : { save }),
    ...(raw['reask'] === undefined ? {} : { reask: personText(raw['reask'], join(path, 'reask'), c, sideTextUse(c, use.count)) }),
    ...(timeout ? { timeout } : {}),
  };
}

function checkSave(raw: unknown, types: readonly StateType[], path: string, c: Compilation): void {
  const key = textOf(raw);
  if (key === undefined || !c.stateKey(key, path)) return;
  const type = c.typeOf(key);
  if (type && !types.includes(type)) c.out.error({ code: 'type_mismatch', path, found: key, message: `state key \`${key}\` is ${type}, but the answer is ${types.join(' or ')}`, remedy: `declare ${key} as ${types.join(' or ')}` });
}

export function choiceProgram(raw: Raw, place: Place, flow: FlowNames, c: Compilation): ChoiceProgram | undefined {
  const path = join(place.path, 'choice');
  const rows = raw['keyboard'] === 'reply' ? 'keyboard' : 'inline_keyboard';
  if (Object.hasOwn(raw, 'reply_markup') && !Object.hasOwn(recordOf(raw['reply_markup']), rows)) c.out.error({ code: 'bad_markup', path: join(path, 'reply_markup'), found: raw['reply_markup'], message: `the options of this choice stand in a keyboard of kind ${rows}`, remedy: `reply_markup of a choice has ${rows}: rows that come after the options` });
  const compiled = message(raw, path, flow, c, ['options', 'columns', 'keyboard', 'save', 'reask', 'timeout', 'removeButtons']);
  const save = textOf(raw['save']);
  const saveType = save !== undefined && c.stateKey(save, join(path, 'save')) ? c.typeOf(save) : undefined;
  const options = choiceOptions(raw['options'], join(path, 'options'), flow, c, { save: saveType, count: Object.hasOwn(raw, 'count') });
  const id = textOf(place.step['id']);
  return compiled && options && {
    k: 'choice',
    msg: compiled.msg,
    options,
    columns: typeof raw['columns'] === 'number' ? raw['columns'] : 1,
    keyboard: raw['keyboard'] === 'reply' ? 'reply' : 'inline',
    removeButtons: raw['removeButtons'] === true,
    hash: choiceHash(flow.name, id ?? `${place.list}/${place.index}`),
    ...waitFields(raw, path, flow, c, compiled.use),
  };
}

function choiceOptions(raw: unknown, path: string, flow: FlowNames, c: Compilation, use: { save: StateType | undefined; count: boolean }): OptionProgram[] | { cel: string } | undefined {
  if (typeof raw === 'string') {
    if (raw.startsWith('= ')) return { cel: c.expression(raw.slice(2), path, 'list') };
    c.out.error({ code: 'wrong_type', path, found: raw, message: '`options` is a list or an expression', remedy: 'options: "= …"' });
    return undefined;
  }
  if (!Array.isArray(raw) || c.out.hasErrorWithin(path)) return undefined;
  const seen = new Set<string>();
  return raw.map((item, index) => {
    const option = optionProgram(recordOf(item), join(path, index), flow, c, use);
    if (seen.has(option.key)) c.out.error({ code: 'duplicate_option', path: join(path, index), found: item, message: 'the same option stands here twice', remedy: 'remove one' });
    seen.add(option.key);
    return option;
  });
}

function optionProgram(option: Raw, path: string, flow: FlowNames, c: Compilation, use: { save: StateType | undefined; count: boolean }): OptionProgram {
  const to = option['goto'] === undefined ? undefined : c.flows.target(flow, option['goto'], join(path, 'goto'));
  const given = Object.hasOwn(option, 'value');
  if (use.save && !given && option['goto'] === undefined) c.out.error({ code: 'missing_key', path: join(path, 'value'), found: option, message: 'the choice has `save`, so each option needs a `value` or a `goto`', remedy: 'add a value of the type of the key' });
  if (given && !use.save) c.out.warn({ code: 'value_without_save', path: join(path, 'value'), found: option['value'], message: 'the value is not saved: the choice has no `save`' });
  const typed = constantTexts(option['text'], c);
  const compiled: OptionProgram = { key: stableHash(`option:${JSON.stringify([option['text'] ?? null, option['value'] ?? null, option['goto'] ?? null])}`), text: personText(option['text'], join(path, 'text'), c, { ...PLAIN, count: use.count }) };
  if (typed) compiled.typed = [...new Set(typed.map(foldOption))];
  if (given) compiled.value = value(option['value'], join(path, 'value'), c, use.save ? { cel: true, type: use.save } : { cel: true });
  if (to !== undefined) compiled.to = to;
  return compiled;
}
