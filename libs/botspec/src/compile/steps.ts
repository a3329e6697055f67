import type { Json } from '@botplane/domain';
import type { ApiCallProgram, StepProgram, Target, ValidateProgram, Value } from '../program/program.ts';
import { regexProblem } from '../program/regex.ts';
import { LIMITS } from '../schema/limits.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import type { FlowNames, Place } from './flow-index.ts';
import { message, sideTextUse } from './message.ts';
import { listOf, recordOf, textOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { didYouMean } from './suggest.ts';
import { apiUrl } from './urls.ts';
import { checkJsonSchema } from './validate-schema.ts';
import { personText, template, value } from './values.ts';
import { askProgram, choiceProgram } from './wait-steps.ts';

type StepCompiler = (raw: unknown, place: Place, flow: FlowNames, c: Compilation) => StepProgram | undefined;

const COMPILERS: { readonly [kind: string]: StepCompiler } = {
  reply: (raw, place, flow, c) => {
    const compiled = message(recordOf(raw), join(place.path, 'reply'), flow, c);
    return compiled && { k: 'reply', msg: compiled.msg };
  },
  ask: (raw, place, flow, c) => askProgram(recordOf(raw), place, flow, c),
  choice: (raw, place, flow, c) => choiceProgram(recordOf(raw), place, flow, c),
  validate: (raw, place, flow, c) => validateProgram(recordOf(raw), place, flow, c),
  save: (raw, place, _flow, c) => saveProgram(recordOf(raw), join(place.path, 'save'), c),
  apiCall: (raw, place, flow, c) => apiCallProgram(recordOf(raw), join(place.path, 'apiCall'), flow, c),
  goto: gotoProgram,
  branch: branchProgram,
  call: (raw, place, flow, c) => {
    const called = c.flows.flow(recordOf(raw)['flow'], join(join(place.path, 'call'), 'flow'), flow.name);
    return called === undefined ? undefined : { k: 'call', flow: called };
  },
  end: (raw, place, _flow, c) => {
    const clear = listOf(recordOf(raw)['clear']).filter((key) => typeof key === 'string');
    clear.forEach((key, index) => key === 'locale' || c.stateKey(key, join(join(join(place.path, 'end'), 'clear'), index)));
    return { k: 'end', all: recordOf(raw)['all'] === true, clear };
  },
};

export const STEP_KINDS: readonly string[] = Object.keys(COMPILERS);

/** Compiles one step; undefined after an error. */
export function stepProgram(place: Place, flow: FlowNames, c: Compilation): StepProgram | undefined {
  // In the order of the language, whatever the order of the document.
  const keys = Object.keys(place.step).filter((key) => key !== 'id');
  const kinds = [...STEP_KINDS.filter((known) => keys.includes(known)), ...keys.filter((key) => !STEP_KINDS.includes(key))];
  const [kind] = kinds;
  if (c.out.hasErrorAt(place.path)) return undefined;
  if (kinds.length !== 1 || kind === undefined) {
    const found = kinds.length === 0 ? 'no kind' : kinds.join(' and ');
    c.out.error({ code: 'step_kind', path: place.path, found: kinds.join(', '), message: `${place.path.slice(place.path.lastIndexOf('.') + 1)} has ${found}; a step has one`, remedy: kinds.length === 0 ? `one of ${STEP_KINDS.join(', ')}` : 'make two steps of it' });
    return undefined;
  }
  // What the first pass found wrong in this step would only be reported again.
  const compile = COMPILERS[kind];
  if (!compile || c.out.hasErrorWithin(join(place.path, kind))) return undefined;
  const compiled = compile(place.step[kind], place, flow, c);
  const id = textOf(place.step['id']);
  return compiled && id !== undefined ? { id, ...compiled } : compiled;
}

function validateProgram(raw: Raw, place: Place, flow: FlowNames, c: Compilation): ValidateProgram | undefined {
  const path = join(place.path, 'validate');
  const checks = ['regex', 'schema', 'when'].filter((key) => Object.hasOwn(raw, key));
  if (checks.length !== 1) c.out.error({ code: 'validate_check', path, found: checks.join(', '), message: checks.length === 0 ? 'the validate checks nothing' : `the validate has ${checks.join(' and ')}`, remedy: 'give exactly one of regex, schema and when' });
  const retry = retryPlace(raw['retry'], place, flow, join(path, 'retry'), c);
  const regex = textOf(raw['regex']);
  const problem = regex === undefined ? undefined : regexProblem(regex);
  if (problem !== undefined) c.out.error({ code: 'bad_regex', path: join(path, 'regex'), found: regex, message: problem, remedy: 'RE2 syntax: no lookaround, no backreferences' });
  if (Object.hasOwn(raw, 'schema')) checkJsonSchema(raw['schema'], join(path, 'schema'), c.out);
  if (!retry) return undefined;
  const otherwise = raw['otherwise'] === undefined ? undefined : c.flows.target(flow, raw['otherwise'], join(path, 'otherwise'));
  return {
    k: 'validate',
    ...(regex === undefined ? {} : { regex }),
    ...(raw['schema'] === undefined ? {} : { schema: raw['schema'] as Json }),
    ...(raw['when'] === undefined ? {} : { when: c.condition(raw['when'], join(path, 'when')) }),
    value: validatedValue(raw, retry, path, c),
    attempts: typeof raw['attempts'] === 'number' ? raw['attempts'] : 3,
    ...(raw['message'] === undefined ? {} : { message: personText(raw['message'], join(path, 'message'), c, sideTextUse(c, false)) }),
    retry: { list: retry.list, index: retry.index },
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function waitOf(place: Place): Raw | undefined {
  const kind = ['ask', 'choice'].find((key) => Object.hasOwn(place.step, key));
  return kind === undefined ? undefined : recordOf(place.step[kind]);
}

function retryPlace(raw: unknown, place: Place, flow: FlowNames, path: string, c: Compilation): Place | undefined {
  const name = textOf(raw);
  const waits = [...flow.lists.values()].flat().filter((other) => waitOf(other));
  if (name !== undefined) {
    const ids = waits.flatMap((other) => textOf(other.step['id']) ?? []);
    const found = flow.ids.get(name);
    if (found && waitOf(found)) return found;
    c.out.error({ code: 'unknown_retry', path, found: name, message: `\`${name}\` is not the id of an ask or choice of flow \`${flow.name}\``, remedy: didYouMean(name, ids) ?? (ids.length > 0 ? `one of ${ids.join(', ')}` : 'give the ask or choice an `id`') });
    return undefined;
  }
  const before = waits.filter((other) => other.list === place.list && other.index < place.index).at(-1);
  if (!before) c.out.error({ code: 'missing_key', path, message: 'there is no ask or choice before this validate', remedy: 'name one with `retry`' });
  return before;
}

function validatedValue(raw: Raw, retry: Place, path: string, c: Compilation): Value {
  if (Object.hasOwn(raw, 'value')) return value(raw['value'], join(path, 'value'), c, { cel: true });
  const saved = textOf(waitOf(retry)?.['save']);
  if (saved !== undefined) c.usedState.add(saved);
  else if (Object.hasOwn(raw, 'regex') || Object.hasOwn(raw, 'schema')) c.out.error({ code: 'missing_key', path: join(path, 'value'), message: 'the step that `retry` names saves nothing, so there is nothing to check', remedy: 'give it a `save`, or value: "= input.text"' });
  return { cel: saved === undefined || !Object.hasOwn(c.state, saved) ? '""' : `state.${saved}` };
}

function saveProgram(raw: Raw, path: string, c: Compilation): StepProgram {
  const set: { [key: string]: Value } = {};
  let locale: Value | undefined;
  for (const [key, member] of Object.entries(raw)) {
    const at = join(path, key);
    if (key === 'locale') {
      locale = value(member, at, c, { cel: true, type: 'string' });
      if ('lit' in locale && locale.lit !== null && !(typeof locale.lit === 'string' && c.locales.includes(locale.lit))) c.out.error({ code: 'unknown_locale', path: at, found: member, message: `\`${String(member)}\` is not one of meta.locales`, remedy: didYouMean(String(member), c.locales) ?? `one of ${c.locales.join(', ')}` });
    } else if (c.stateKey(key, at)) {
      const type = c.typeOf(key);
      set[key] = value(member, at, c, type ? { cel: true, type } : { cel: true });
    }
  }
  return { k: 'save', set, ...(locale === undefined ? {} : { locale }) };
}

function apiCallProgram(raw: Raw, path: string, flow: FlowNames, c: Compilation): ApiCallProgram {
  const save = textOf(raw['save']);
  if (save !== undefined) c.stateKey(save, join(path, 'save'));
  const onError = raw['onError'] === undefined ? undefined : c.flows.target(flow, raw['onError'], join(path, 'onError'));
  if (Object.hasOwn(raw, 'json') && (raw['method'] === undefined || raw['method'] === 'GET' || raw['method'] === 'HEAD')) {
    c.out.error({ code: 'body_without_method', path: join(path, 'json'), found: raw['method'] ?? 'GET', message: 'GET and HEAD have no body', remedy: 'set method: POST' });
  }
  return {
    k: 'api',
    method: (textOf(raw['method']) ?? 'GET') as ApiCallProgram['method'],
    url: apiUrl(raw['url'], join(path, 'url'), c),
    query: mapOf(raw['query'], join(path, 'query'), (member, at) => value(member, at, c, { cel: true })),
    headers: mapOf(raw['headers'], join(path, 'headers'), (member, at) => header(String(member), at, c)),
    ...(raw['json'] === undefined ? {} : { json: value(raw['json'], join(path, 'json'), c, { cel: true }) }),
    timeoutMs: numberOf(raw['timeoutMs'], LIMITS.apiTimeoutMsMax),
    retries: numberOf(raw['retries'], 0),
    backoffMs: numberOf(raw['backoffMs'], LIMITS.apiBackoffMsDefault),
    ...(save === undefined ? {} : { save }),
    map: mapOf(raw['map'], join(path, 'map'), (member, at, key) => mapped(String(member), at, key, c)),
    ...(onError === undefined ? {} : { onError }),
  };
}

const numberOf = (raw: unknown, otherwise: number): number => (typeof raw === 'number' ? raw : otherwise);

function mapOf<T>(raw: unknown, path: string, read: (member: unknown, path: string, key: string) => T): { [key: string]: T } {
  return Object.fromEntries(Object.entries(recordOf(raw)).map(([key, member]) => [key, read(member, join(path, key), key)]));
}

function header(text: string, path: string, c: Compilation): ApiCallProgram['headers'][string] {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || /^(host|content-length|connection|transfer-encoding|idempotency-key)$/i.test(name)) {
    c.out.error({ code: 'bad_header', path, found: name, message: `header \`${name}\` cannot be set`, remedy: 'leave it out: we set it, or it is no name of a header' });
  }
  if (/[\r\n\0]/.test(text)) c.out.error({ code: 'bad_header', path, found: text, message: 'a header has no line breaks', remedy: 'write it in one line' });
  for (const match of text.matchAll(/\{\{\s*secret\.([^{}]*?)\s*\}\}/g)) {
    const secret = match[1] ?? '';
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(secret)) c.out.error({ code: 'bad_template', path, found: text, message: `\`${secret}\` is not the name of a secret`, remedy: '{{secret.NAME}}, a name in secretRefs' });
    else if (c.secretNames && !c.secretNames.includes(secret)) c.out.error({ code: 'unknown_secret', path, found: text, message: `secret \`${secret}\` is not in secretRefs`, remedy: didYouMean(secret, c.secretNames) ?? 'add it to secretRefs of the template' });
  }
  return template(text, path, c, { keepSecrets: true });
}

function mapped(source: string, path: string, key: string, c: Compilation): string {
  if (!c.stateKey(key, path)) return '';
  if (!source.startsWith('= ')) c.out.error({ code: 'bad_expression', path, found: source, message: 'an entry of `map` is an expression', remedy: `"= ${source}"` });
  return c.expression(source.replace(/^= /, ''), path, c.typeOf(key), 'map');
}

function gotoProgram(raw: unknown, place: Place, flow: FlowNames, c: Compilation): StepProgram | undefined {
  const path = join(place.path, 'goto');
  if (typeof raw === 'string') {
    const to = c.flows.target(flow, raw, path);
    return to === undefined ? undefined : { k: 'goto', to };
  }
  const guarded = recordOf(raw);
  const to = c.flows.target(flow, guarded['to'], join(path, 'to'));
  const elseNext: Target | undefined = guarded['elseNext'] === undefined ? undefined : c.flows.target(flow, guarded['elseNext'], join(path, 'elseNext'));
  if (elseNext !== undefined && guarded['when'] === undefined) c.out.error({ code: 'missing_key', path: join(path, 'when'), message: '`elseNext` needs a `when`', remedy: 'add when, or leave elseNext out' });
  const when = guarded['when'] === undefined ? undefined : c.condition(guarded['when'], join(path, 'when'));
  return to === undefined ? undefined : { k: 'goto', to, ...(when === undefined ? {} : { when }), ...(elseNext === undefined ? {} : { elseNext }) };
}

function branchProgram(raw: unknown, place: Place, flow: FlowNames, c: Compilation): StepProgram {
  const path = join(place.path, 'branch');
  const entries = listOf(raw).map(recordOf);
  const arms: { when: string; to: Target }[] = [];
  let otherwise: Target | undefined;
  entries.forEach((entry, index) => {
    const at = join(path, index);
    if (Object.hasOwn(entry, 'otherwise')) {
      if (index !== entries.length - 1 || Object.keys(entry).length > 1) c.out.error({ code: 'branch_entry', path: at, found: entry, message: '`otherwise` stands alone in the last entry', remedy: 'move it to the end, without when and goto' });
      otherwise = c.flows.target(flow, entry['otherwise'], join(at, 'otherwise'));
      return;
    }
    if (!Object.hasOwn(entry, 'when') || !Object.hasOwn(entry, 'goto')) return c.out.error({ code: 'branch_entry', path: at, found: entry, message: 'an entry has `when` and `goto`, or is a last `otherwise`', remedy: '{ when: …, goto: … }' });
    const when = c.condition(entry['when'], join(at, 'when'));
    const to = c.flows.target(flow, entry['goto'], join(at, 'goto'));
    if (to !== undefined) arms.push({ when, to });
  });
  return { k: 'branch', arms, ...(otherwise === undefined ? {} : { otherwise }) };
}
