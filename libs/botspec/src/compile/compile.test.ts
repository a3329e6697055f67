import { describe, expect, it } from 'vitest';
import { compileBotSpec, parseBotSpec } from '../index.ts';
import type { CompileError } from '../index.ts';
import { exampleSpec } from '../../test/player.ts';

type Spec = { [key: string]: unknown };

/** A good spec with one change. */
function spec(change: Spec = {}, steps: unknown[] = [{ reply: { text: 'hi' } }], flow: Spec = {}): Spec {
  return {
    meta: { name: 'T', locales: ['en', 'de'], defaultLocale: 'en' },
    localization: { en: { hello: 'Hello', cups: { one: 'one cup', other: '{{count}} cups' } }, de: { hello: 'Hallo' } },
    state: { name: { type: 'string' }, age: { type: 'integer' }, price: { type: 'number' }, cart: { type: 'object' }, done: { type: 'boolean' }, list: { type: 'array' } },
    fallback: { flow: 'main' },
    flows: { main: { steps, ...flow } },
    security: { allowDomains: ['api.example', '*.wild.example', 'port.example:8443'] },
    ...change,
  };
}

function errorsOf(value: unknown): CompileError[] {
  const result = compileBotSpec(value);
  return result.ok ? [] : result.errors;
}

const ASK = { id: 'q', ask: { text: 'name?', save: 'name' } };
const main = 'flows.main.steps[0]';
const keyboard = (button: Spec): unknown[] => [{ reply: { text: 'a', reply_markup: { inline_keyboard: [[button]] } } }];
const button = `${main}.reply.reply_markup.inline_keyboard[0][0]`;
const api = (more: Spec): unknown[] => [{ apiCall: { url: 'https://api.example/', ...more } }];

describe('compileBotSpec', () => {
  it('[P1] accepts the plain spec that the cases below change', () => {
    expect(errorsOf(spec())).toEqual([]);
  });

  const stepCases: [title: string, steps: unknown[], code: string, path: string, message: RegExp][] = [
    ['two kinds in one step', [{ reply: { text: 'a' }, end: {} }], 'step_kind', main, /steps\[0\] has reply and end; a step has one/],
    ['no kind', [{ id: 'x' }], 'step_kind', main, /no kind/],
    ['an unknown kind', [{ repyl: { text: 'a' } }], 'unknown_key', `${main}.repyl`, /not known/],
    ['a step of later versions', [{ pay: { currency: 'XTR' } }], 'not_supported_yet', `${main}.pay`, /`pay` is not supported yet/],
    ['an unknown target', [{ goto: 'mian' }], 'unknown_target', `${main}.goto`, /`mian`/],
    ['an unknown flow to call', [{ call: { flow: 'mani' } }], 'unknown_flow', `${main}.call.flow`, /does not exist/],
    ['a message without body', [{ reply: { parse_mode: 'HTML' } }], 'message_body', `${main}.reply`, /no body/],
    ['two bodies', [{ reply: { text: 'a', photo: 'x' } }], 'message_body', `${main}.reply`, /text and photo/],
    ['a field of another method', [{ reply: { text: 'a', caption: 'b' } }], 'unknown_key', `${main}.reply.caption`, /not a field of sendMessage/],
    ['a misspelt Telegram field', [{ reply: { text: 'a', disable_notificaton: true } }], 'unknown_key', `${main}.reply.disable_notificaton`, /not a field/],
    ['callback_data', keyboard({ text: 'b', callback_data: 'c' }), 'callback_data', `${button}.callback_data`, /ours/],
    ['a button with two actions', keyboard({ text: 'b', goto: 'end', url: 'https://x.example' }), 'button_action', button, /goto and url/],
    ['a button with none', keyboard({ text: 'b' }), 'button_action', button, /none/],
    ['a file of the bundle', [{ reply: { photo: './cup.jpg' } }], 'file_outside_bundle', `${main}.reply.photo`, /bundle/],
    ['ref', [{ reply: { text: 'a', ref: 'menu' } }], 'not_supported_yet', `${main}.reply.ref`, /`ref`/],
    ['an expect that is none', [{ ask: { text: 'a', expect: 'foto' } }], 'unknown_value', `${main}.ask.expect`, /`foto`/],
    ['a request button where there is none', [{ ask: { text: 'a', expect: 'photo', button: 'b' } }], 'unknown_key', `${main}.ask.button`, /not for photo/],
    ['an answer of another kind than its key', [{ ask: { text: 'a', expect: 'contact', save: 'name' } }], 'type_mismatch', `${main}.ask.save`, /answer is object/],
    ['a save key that is not declared', [{ ask: { text: 'a', save: 'nmae' } }], 'unknown_state_key', `${main}.ask.save`, /nmae/],
    ['a save key of another type', [{ ask: { text: 'a', save: 'age' } }], 'type_mismatch', `${main}.ask.save`, /is integer/],
    ['an option without value', [{ choice: { text: 'a', options: [{ text: 'b' }], save: 'name' } }], 'missing_key', `${main}.choice.options[0].value`, /value/],
    ['an option value of another type', [{ choice: { text: 'a', options: [{ text: 'b', value: 1 }], save: 'name' } }], 'type_mismatch', `${main}.choice.options[0].value`, /string/],
    ['a validate with two checks', [ASK, { validate: { regex: 'a', when: 'true' } }], 'validate_check', 'flows.main.steps[1].validate', /regex and when/],
    ['a misspelt keyword of JSON Schema', [ASK, { validate: { schema: { minLenght: 2 } } }], 'bad_schema', 'flows.main.steps[1].validate.schema.minLenght', /no keyword/],
    ['a schema from elsewhere', [ASK, { validate: { schema: { $ref: 'https://x.example/s.json' } } }], 'bad_schema', 'flows.main.steps[1].validate.schema.$ref', /elsewhere/],
    ['a reference to nothing', [ASK, { validate: { schema: { $ref: '#/$defs/x' } } }], 'bad_schema', 'flows.main.steps[1].validate.schema.$ref', /names nothing/],
    ['lookaround in a schema', [ASK, { validate: { schema: { properties: { a: { pattern: '(?=a)' } } } } }], 'bad_regex', 'flows.main.steps[1].validate.schema.properties.a.pattern', /\(\?=/],
    ['lookaround', [ASK, { validate: { regex: 'a(?=b)' } }], 'bad_regex', 'flows.main.steps[1].validate.regex', /\(\?=/],
    ['a retry that is no ask', [{ id: 'r', reply: { text: 'a' } }, { validate: { regex: 'a', value: 'x', retry: 'r' } }], 'unknown_retry', 'flows.main.steps[1].validate.retry', /`r`/],
    ['a validate with nothing before it', [{ validate: { regex: 'a', value: 'x' } }], 'missing_key', `${main}.validate.retry`, /no ask or choice/],
    ['a host that is not allowed', api({ url: 'https://evil.example/' }), 'host_not_allowed', `${main}.apiCall.url`, /evil\.example/],
    ['the bare domain under a wildcard', api({ url: 'https://wild.example/' }), 'host_not_allowed', `${main}.apiCall.url`, /wild/],
    ['another port', api({ url: 'https://api.example:8443/' }), 'host_not_allowed', `${main}.apiCall.url`, /8443/],
    ['http', api({ url: 'http://api.example/' }), 'bad_url', `${main}.apiCall.url`, /https/],
    ['a template in the host', api({ url: 'https://{{state.name}}.api.example/' }), 'template_in_host', `${main}.apiCall.url`, /host/],
    ['credentials in a URL', api({ url: 'https://a:b@api.example/' }), 'bad_url', `${main}.apiCall.url`, /password/],
    ['a host that URL parsers read in two ways', api({ url: 'https://evil.example\\x.wild.example/' }), 'bad_url', `${main}.apiCall.url`, /not a host/],
    ['a secret outside headers', api({ query: { k: '{{secret.KEY}}' } }), 'secret_outside_headers', `${main}.apiCall.query.k`, /headers/],
    ['a body for GET', api({ json: {} }), 'body_without_method', `${main}.apiCall.json`, /GET/],
    ['a map entry without prefix', api({ map: { name: 'response.body.x' } }), 'bad_expression', `${main}.apiCall.map.name`, /expression/],
    ['a when with prefix', [{ goto: { to: 'end', when: '= true' } }], 'prefixed_when', `${main}.goto.when`, /always/],
    ['a when that is no condition', [{ goto: { to: 'end', when: 'state.age' } }], 'type_mismatch', `${main}.goto.when`, /`state\.age` is int/],
    ['an expression of the wrong type', [{ save: { name: '= state.age + 1' } }], 'type_mismatch', `${main}.save.name`, /`state\.age \+ 1` is int/],
    ['text added to a number', [{ save: { name: '= state.name + 1' } }], 'bad_expression', `${main}.save.name`, /`state\.name \+ 1`/],
    ['a literal of the wrong type', [{ save: { age: 1.5 } }], 'type_mismatch', `${main}.save.age`, /integer/],
    ['text for a number', [{ save: { age: '{{state.name}}' } }], 'type_mismatch', `${main}.save.age`, /text/],
    ['an undeclared key in an expression', [{ save: { name: '= state.nam' } }], 'unknown_state_key', `${main}.save.name`, /`nam`/],
    ['an undeclared key by index', [{ save: { name: '= state["nam"]' } }], 'unknown_state_key', `${main}.save.name`, /`nam`/],
    ['an undeclared key inside has()', [{ goto: { to: 'end', when: 'has(state.nam)' } }], 'unknown_state_key', `${main}.goto.when`, /`nam`/],
    ['an undeclared key in a template', [{ reply: { text: '{{state.nam}}' } }], 'unknown_state_key', `${main}.reply.text`, /`nam`/],
    ['an unknown context field', [{ reply: { text: '{{context.user.firstname}}' } }], 'unknown_context_field', `${main}.reply.text`, /firstname/],
    ['an expression in a template', [{ reply: { text: '{{ 1 + 1 }}' } }], 'bad_template', `${main}.reply.text`, /not a path/],
    ['count in a text that is no plural', [{ reply: { text: '{{count}}', count: 1 } }], 'count_outside_plural', `${main}.reply.text`, /plural/],
    ['a plural without count', [{ reply: { text: '$t.cups' } }], 'plural_without_count', `${main}.reply.text`, /count/],
    ['an unknown text', [{ reply: { text: '$t.helo' } }], 'unknown_text', `${main}.reply.text`, /helo/],
    ['a template in legacy Markdown', [{ reply: { text: '*{{state.name}}*', parse_mode: 'Markdown' } }], 'markdown_template', `${main}.reply.text`, /Markdown/],
    ['a keyboard button with goto and a template', [{ reply: { text: 'a', reply_markup: { keyboard: [[{ text: '{{state.name}}', goto: 'end' }]] } } }], 'template_in_button', `${main}.reply.reply_markup.keyboard[0][0].goto`, /constant/],
    ['an otherwise that is not last', [{ branch: [{ otherwise: 'end' }, { when: 'true', goto: 'end' }] }], 'branch_entry', `${main}.branch[0]`, /last/],
    ['a locale that the bot does not speak', [{ save: { locale: 'fr' } }], 'unknown_locale', `${main}.save.locale`, /fr/],
    ['a step id that is a flow', [{ id: 'main', reply: { text: 'a' } }], 'duplicate_name', `${main}.id`, /flow/],
    ['a step id twice', [{ id: 'x', reply: { text: 'a' } }, { id: 'x', reply: { text: 'a' } }], 'duplicate_name', 'flows.main.steps[1].id', /another step/],
    ['a reserved name', [{ id: 'Yes', reply: { text: 'a' } }], 'reserved_name', `${main}.id`, /Yes/],
    ['an empty when, as kubectl leaves it', [{ goto: { to: 'end', when: null } }], 'wrong_type', `${main}.goto.when`, /text is expected/],
  ];
  it.each(stepCases)('[P2] refuses %s', (_, steps, code, path, message) => {
    const errors = errorsOf(spec({}, steps));
    expect(errors.map((error) => [error.code, error.path])).toEqual([[code, path]]);
    expect(errors[0]?.message).toMatch(message);
  });

  const meta = { name: 'T', locales: ['en', 'de'], defaultLocale: 'en' };
  const specCases: [title: string, change: Spec, code: string, path: string, remedy?: RegExp][] = [
    ['triggers', { triggers: [] }, 'not_supported_yet', 'triggers'],
    ['a name of the founding spec', { schema_ver: 1 }, 'unknown_key', 'schema_ver', /use schemaVersion/],
    ['a misspelt key', { comands: [] }, 'unknown_key', 'comands', /did you mean `commands`/],
    ['a boolean where text is expected', { errorText: true }, 'wrong_type', 'errorText', /quotes/],
    ['a default locale that is none', { meta: { ...meta, locales: ['de'] }, localization: {} }, 'unknown_locale', 'meta.defaultLocale'],
    ['a block in another language', { localization: { en: {}, fr: {} } }, 'unknown_locale', 'localization.fr'],
    ['an unknown time zone', { meta: { ...meta, timezone: 'Europe/Kyivv' } }, 'unknown_timezone', 'meta.timezone'],
    ['a retention past 30 days', { meta: { ...meta, retention: '31d' } }, 'out_of_range', 'meta.retention'],
    ['an unknown piiPolicy', { meta: { ...meta, retention: '7d', piiPolicy: 'hide' } }, 'unknown_value', 'meta.piiPolicy'],
    ['a misspelt message default', { meta: { ...meta, messageDefaults: { parsemode: 'HTML' } } }, 'unknown_key', 'meta.messageDefaults.parsemode', /did you mean `parse_mode`/],
    ['a default of another type', { state: { num: { type: 'integer', default: 'x' } } }, 'type_mismatch', 'state.num.default'],
    ['a state key called locale', { state: { locale: { type: 'string' } } }, 'reserved_name', 'state.locale'],
    ['a ttl past 30 days', { state: { num: { type: 'integer', ttl: '31d' } } }, 'out_of_range', 'state.num.ttl'],
    ['a command without description', { commands: [{ command: 'start', flow: 'main' }] }, 'missing_key', 'commands[0].description'],
    ['a command twice', { commands: [{ command: 'a', flow: 'main', hidden: true }, { command: 'a', flow: 'main', hidden: true }] }, 'duplicate_name', 'commands[1].command'],
    ['a command to an unknown flow', { commands: [{ command: 'a', flow: 'mian', hidden: true }] }, 'unknown_flow', 'commands[0].flow', /did you mean `main`/],
    ['keywords in another language', { intents: [{ id: 'i', keywords: { fr: ['oui'] }, flow: 'main' }] }, 'unknown_locale', 'intents[0].keywords.fr'],
    ['an address in allowDomains', { security: { allowDomains: ['127.0.0.1'] } }, 'bad_domain', 'security.allowDomains[0]'],
    ['a URL in allowDomains', { security: { allowDomains: ['https://a.example'] } }, 'bad_domain', 'security.allowDomains[0]'],
    ['a limit out of range', { security: { maxApiResponseKB: 0 } }, 'out_of_range', 'security.maxApiResponseKB'],
    ['an unknown event', { telemetry: { events: ['flow_startd'] } }, 'unknown_value', 'telemetry.events[0]', /did you mean `flow_started`/],
  ];
  it.each(specCases)('[P2] refuses %s', (_, change, code, path, remedy) => {
    const errors = errorsOf(spec(change));
    expect(errors.map((error) => [error.code, error.path])).toEqual([[code, path]]);
    if (remedy) expect(errors[0]?.remedy).toMatch(remedy);
  });

  it('[P2] reports everything at once, but no more than 50', () => {
    const errors = errorsOf(spec({ comands: [] }, [{ goto: 'nowhere' }, { reply: {} }, { ask: { text: 'a', save: 'zzz' } }]));
    expect(errors.map((error) => error.code)).toEqual(['unknown_key', 'unknown_target', 'message_body', 'unknown_state_key']);
    expect(errorsOf(spec({}, Array.from({ length: 50 }, () => ({ reply: { text: '{{state.x}} {{state.y}}' } }))))).toHaveLength(50);
  });

  it('[P2] keeps the limits of flows, steps and size', () => {
    const steps = Array.from({ length: 40 }, () => ({ reply: { text: 'a' } }));
    expect(errorsOf(spec({}, steps, { labels: { l: steps } })).map((error) => error.code)).toEqual(['too_many']);
    expect(errorsOf(spec({}, [])).map((error) => error.code)).toEqual(['too_few']);
    const flows = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, { steps: [{ reply: { text: 'a' } }] }]));
    expect(errorsOf(spec({ flows: { main: { steps: [{ end: null }] }, ...flows } })).map((error) => error.code)).toContain('too_many');
    expect(errorsOf(spec({ values: { big: 'x'.repeat(513 * 1024) } })).map((error) => error.code)).toEqual(['spec_too_large']);
  });

  it('checks secrets of headers against secretRefs when they are given', () => {
    const value = spec({}, api({ headers: { authorization: 'Bearer {{secret.API_KY}}' } }));
    expect(compileBotSpec(value).ok).toBe(true);
    const result = compileBotSpec(value, { secretNames: ['API_KEY'] });
    expect(result.ok ? [] : result.errors).toMatchObject([{ code: 'unknown_secret', remedy: 'did you mean `API_KEY`?' }]);
  });

  it('warns about loops, unused keys and flows that nothing leads to', () => {
    const result = compileBotSpec(spec({ flows: { main: { steps: [{ id: 'a', reply: { text: 'x' } }, { goto: 'a' }] }, other: { steps: [{ end: {} }] } }, state: { k: { type: 'string' } } }));
    expect(result.warnings.map((warning) => [warning.code, warning.path])).toEqual([['unreachable_flow', 'flows.other'], ['unused_state_key', 'state.k'], ['loop_without_wait', 'flows.main.steps[0]']]);
  });

  it('takes ordinary words of JavaScript as names', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const flows = Object.fromEntries(names.map((name) => [name, { steps: [{ id: `${name}_id`, reply: { text: `$t.${name}` } }, { save: { [name]: 'x' } }] }]));
    const texts = Object.fromEntries(names.map((name) => [name, name]));
    const state = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    expect(errorsOf(spec({ flows: { main: { steps: [{ call: { flow: 'constructor' } }] }, ...flows }, state, localization: { en: texts } }))).toEqual([]);
    expect(errorsOf(spec({}, [{ reply: { text: '$t.constructor' } }, { goto: 'toString' }, { save: { valueOf: 1 } }])).map((error) => error.code)).toEqual(['unknown_text', 'unknown_target', 'unknown_state_key']);
  });
});

describe('parseBotSpec', () => {
  it.each([
    ['a: yes', 'a boolean'],
    ['no: 1', 'a boolean'],
    ['a: On', 'a boolean'],
    ['a: 0123', 'an octal number'],
    ['a: 1_000', 'a number'],
    ['a: 10:30', 'base 60'],
    ['a: !x z', 'tag'],
    ['<<: { a: 1 }', 'a merge'],
    ['a: { b: Which one?, c: d }', 'cannot read a `?`'],
    ['a: [x?y]', 'cannot read a `?`'],
  ])('refuses %s, which YAML 1.1 reads otherwise', (text, reads) => {
    const parsed = parseBotSpec(`x: 1\n${text}`);
    expect(parsed.ok ? [] : parsed.errors).toMatchObject([{ code: 'yaml_ambiguous', line: 2, remedy: 'put it in quotes' }]);
    expect(parsed.ok ? '' : parsed.errors[0]?.message).toContain(reads);
  });

  it('takes the same in quotes', () => {
    expect(parseBotSpec('a: "yes"\nb: \'0123\'\n"no": "!x"\nc: Which one?\nd: { e: "Why?" }')).toMatchObject({ ok: true, value: { a: 'yes', b: '0123', no: '!x', c: 'Which one?', d: { e: 'Why?' } } });
  });

  it('gives errors their line and column', () => {
    const parsed = parseBotSpec('meta: { name: T, locales: [en], defaultLocale: en }\nflows:\n  main:\n    steps:\n      - goto: mian\n');
    if (!parsed.ok) throw new Error('does not parse');
    const result = compileBotSpec(parsed.value, { positions: parsed.positions });
    expect(result.ok ? [] : result.errors).toMatchObject([{ code: 'unknown_target', path: 'flows.main.steps[0].goto', line: 5, column: 9, remedy: 'did you mean `main`?' }]);
  });

  it.each([
    ['a: [1', 'yaml_syntax'],
    ['a: 1\na: 2', 'yaml_duplicate'],
    ['', 'yaml_empty'],
    ['a: 1\n---\nb: 2', 'yaml_documents'],
  ])('refuses %j', (text, code) => {
    const parsed = parseBotSpec(text);
    expect(parsed.ok ? '' : parsed.errors[0]?.code).toBe(code);
  });

  it('reads the example', () => {
    expect(exampleSpec('coffee-club')).toHaveProperty('flows.order.steps.length', 8);
  });
});
