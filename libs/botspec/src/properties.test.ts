import fc from 'fast-check';
import { canonicalJson } from '@botplane/domain';
import { describe, expect, it } from 'vitest';
import { buildArtefacts, compileBotSpec, createEngine, parseBotSpec } from './index.ts';
import { Player, compileValue, exampleSpec, ok } from '../test/player.ts';

const coffee = exampleSpec('coffee-club');
const program = compileValue(coffee);
const engine = createEngine(program);

/** The value with the keys of every mapping in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [key, shuffled(member, random)]);
  return Object.fromEntries(entries.map((entry) => ({ entry, at: random() })).sort((a, b) => a.at - b.at).map(({ entry }) => entry));
}

/** JSON with the keys of a BotSpec strewn in, so that the passes behind the first are reached. */
const specLike = fc.letrec((tie) => ({
  node: fc.oneof({ depthSize: 'small' }, fc.string(), fc.constantFrom('end', 'main', '$t.a', '{{state.k}}', '= state.k', '= ', 'string', '1d', null, true, 0, -1, 1e300), tie('record'), fc.array(tie('node'), { maxLength: 4 })),
  record: fc.dictionary(fc.constantFrom('meta', 'locales', 'defaultLocale', 'name', 'flows', 'main', 'steps', 'reply', 'text', 'ask', 'save', 'choice', 'options', 'goto', 'when', 'branch', 'validate', 'regex', 'retry', 'apiCall', 'url', 'state', 'k', 'type', 'localization', 'en', 'a', 'reply_markup', 'inline_keyboard', 'keyboard', 'count', 'id', 'timeout', 'after', 'end', 'call', 'flow', '__proto__', 'constructor'), tie('node'), { maxKeys: 6 }),
})).record;

describe('compileBotSpec', () => {
  it('[P2] gives the same program and artefacts whatever the order of keys', () => {
    const build = (spec: unknown): string => {
      const compiled = compileBotSpec(spec);
      if (!compiled.ok) throw new Error('does not compile');
      const { revHash, files } = buildArtefacts({ botId: 'default_coffee-club', spec, compiled, limits: { memoryMiB: 64, cpuMs: 100 }, secretNames: ['b', 'a'] });
      return canonicalJson({ revHash, files, warnings: compiled.warnings });
    };
    const expected = build(coffee);
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 50, maxLength: 50 }), (numbers) => {
      let at = 0;
      expect(build(shuffled(coffee, () => numbers[at++ % numbers.length] ?? 0))).toBe(expected);
    }), { numRuns: 20 });
  });

  it('[P2] answers any JSON with a program or with errors that carry code and path', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), specLike), (value) => {
      const result = compileBotSpec(value);
      if (!result.ok) {
        expect(result.errors.length).toBeGreaterThan(0);
        for (const error of result.errors) expect([typeof error.code, typeof error.path, typeof error.message]).toEqual(['string', 'string', 'string']);
      }
    }), { numRuns: 500 });
  });

  it('answers any change of one place of the example', () => {
    const text = JSON.stringify(coffee);
    fc.assert(fc.property(fc.nat(text.length - 1), fc.constantFrom('"', 'x', '{', '}', '[', ']', '0', '=', ' ', ':', '.'), (at, mark) => {
      const parsed = parseBotSpec(text.slice(0, at) + mark + text.slice(at + 1));
      if (parsed.ok) compileBotSpec(parsed.value, { positions: parsed.positions });
    }), { numRuns: 200 });
  });
});

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('/order', '/start', 'small', 'a@b.c', 'coffee', '{{secret.KEY}}', '$t.hello', '= 1', '{{state.email}}'));

describe('run', () => {
  it('[P9] never throws, and gives the same output for the same input', () => {
    const message = fc.record({ message_id: fc.jsonValue(), chat: fc.oneof(fc.record({ id: fc.oneof(fc.integer(), fc.string()), type: fc.constantFrom('private', 'group') }), fc.jsonValue()), from: fc.oneof(fc.record({ id: fc.integer(), language_code: fc.jsonValue() }), fc.jsonValue()), text: fc.oneof(anyText, fc.jsonValue()) });
    const press = fc.record({ id: fc.oneof(fc.string(), fc.jsonValue()), from: fc.record({ id: fc.integer() }), message, data: fc.oneof(fc.string(), fc.constantFrom('g:', 'l:x', 'c:a:b', 'e', 'e:a00000000000')) });
    const frame = fc.record({ flow: fc.constantFrom('order', 'welcome', 'gone', 'constructor'), list: fc.constantFrom('', 'late', 'gone', '__proto__'), index: fc.oneof(fc.integer({ min: -1, max: 9 }), fc.double()), attempts: fc.option(fc.jsonValue(), { nil: undefined }) });
    const conversation = fc.record({ revision: fc.string(), id: fc.string(), frames: fc.array(frame, { maxLength: 3 }), wait: fc.record({ nonce: fc.constant('n'), atMs: fc.integer() }), peer: fc.record({ chat: fc.record({ id: fc.integer() }) }) });
    const state = fc.oneof(fc.jsonValue(), fc.record({ values: fc.oneof(fc.dictionary(fc.constantFrom('size', 'email', 'coffees', 'quote', 'x'), fc.jsonValue()), fc.jsonValue()), written: fc.jsonValue(), cooldowns: fc.jsonValue(), locale: fc.jsonValue(), conversation: fc.oneof(conversation, fc.jsonValue()), suspended: fc.oneof(conversation, fc.jsonValue()) }));
    const event = fc.oneof(fc.record({ kind: fc.constant('update'), update: fc.oneof(fc.record({ update_id: fc.nat(), message }), fc.record({ update_id: fc.nat(), callback_query: press }), fc.jsonValue()) }), fc.record({ kind: fc.constant('timer'), key: fc.constantFrom('wait', 'suspended'), nonce: fc.constantFrom('n', 'm') }), fc.jsonValue());
    const env = fc.oneof(fc.record({ nowMs: fc.oneof(fc.integer(), fc.constant(8.64e15 + 1)), bot: fc.constant({ id: 1, username: 'b' }), revision: fc.string(), runId: fc.string(), answerPress: fc.boolean(), conversation: fc.constantFrom('own', 'elsewhere', 'moved'), routed: fc.boolean() }), fc.jsonValue());
    const resume = fc.option(fc.record({ continuation: fc.jsonValue(), result: fc.jsonValue() }), { nil: undefined });
    fc.assert(fc.property(fc.record({ event, state, env, resume }), (input) => {
      const json = JSON.stringify(input);
      const first = engine.run(json);
      const output = JSON.parse(first) as { effects: unknown[]; outcome: { kind: string } };
      expect(['handled', 'ignored', 'failed']).toContain(output.outcome.kind);
      expect(output.effects.length).toBeLessThanOrEqual(20);
      expect(engine.run(json)).toBe(first);
    }), { numRuns: 1_500 });
  });

  it('[P1] never reads what a person writes as a template, an expression or markup', () => {
    const spec = { meta: { name: 'T', locales: ['en'], defaultLocale: 'en' }, state: { name: { type: 'string' } }, fallback: { flow: 'main' }, flows: { main: { steps: [{ save: { name: '= input.text' } }, { reply: { text: '{{state.name}}|{{context.message.text}}' } }, { reply: { text: '<b>{{state.name}}</b>', parse_mode: 'HTML' } }] } } };
    const echo = compileValue(spec);
    fc.assert(fc.property(anyText.filter((text) => text.trim() !== '' && text.length < 1_000 && !text.startsWith('/')), (text) => {
      const [plain, html] = new Player(echo).say(text);
      expect(plain).toBe(`${text}|${text}`);
      expect(html?.slice(3, -4)).not.toMatch(/[<>"]|&(?!amp;|lt;|gt;|quot;)/);
    }), { numRuns: 300 });
  });

  it('[P1] keeps every conversation of random inputs within the rules: one wait, one timer, no lost orders', () => {
    const act = fc.constantFrom('/start', '/order', '/cancel', 'small', 'Large', 'never mind', 'a@b.c', 'nope', 'coffee', 'кава', 'tick', 'hour');
    fc.assert(fc.property(fc.array(act, { maxLength: 40 }), fc.boolean(), (acts, apiWorks) => {
      const player = new Player(program);
      player.api = () => (apiWorks ? ok({ total: 2 }) : { ok: false, code: 'timeout' });
      for (const text of acts) {
        if (text === 'tick') player.advance(1_000);
        else if (text === 'hour') player.advance(3_600_000);
        else player.say(text);
        expect(player.last.outcome.kind).not.toBe('failed');
        expect(player.last.timers).toHaveLength(player.stateOf().conversation ? 1 : 0);
      }
      expect(Number(player.stateOf().values?.['coffees'] ?? 0)).toBe(apiWorks ? player.calls.length : 0);
    }), { numRuns: 100 });
  });
});
