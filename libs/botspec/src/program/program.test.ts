import { describe, expect, it } from 'vitest';
import { Expressions } from './cel.ts';
import { choiceHash, flowHash, placeHash } from './hash.ts';
import { containsKeyword, normaliseWords } from './normalise.ts';
import { parseTemplate } from './template.ts';

describe('keywords', () => {
  it.each([
    ['a CAFÉ now', 'cafe', true], ['cafe', 'CAFÉ', true], ['ёлка', 'елка', true], ['мой', 'мои', false], ['йод', 'иод', false], ['Ὀδυσσεύς!', 'οδυσσευς', true],
    ['coffeepot', 'coffee', false], ['a-coffee-b', 'coffee', true], ['coffee2', 'coffee', false], ['flat  \n white', 'flat white', true], ['ｃｏｆｆｅｅ', 'coffee', true],
    ['我要咖啡谢谢', '咖啡', true], ['ขอกาแฟหน่อย', 'กาแฟ', true], ['кофе', 'кофе', true], ['coffee coffee1', 'coffee', true], ['𝒞offee', 'coffee', true], ['', 'coffee', false],
  ])('%j holds %j: %s', (text, keyword, expected) => {
    expect(containsKeyword(normaliseWords(text), normaliseWords(keyword))).toBe(expected);
  });
});

describe('templates', () => {
  it.each([
    ['a {{ state.x }} b', ['a ', { p: ['state', 'x'] }, ' b']], ['\\{{state.x}}', ['{{state.x}}']], ['{{a.b}}{{c.d}}', [{ p: ['a', 'b'] }, { p: ['c', 'd'] }]], ['{ {x} }', ['{ {x} }']], ['', []],
  ])('%j', (text, expected) => {
    expect(parseTemplate(text)).toEqual({ template: expected, bad: [] });
  });
});

describe('expressions', () => {
  const expressions = new Expressions({ n: { type: 'integer' }, s: { type: 'string' }, o: { type: 'object' } });
  const run = (source: string): unknown => expressions.evaluate(source, { state: { n: 3n, s: 'abc', o: { x: 2.5 } }, _set_: { s: true }, context: {}, input: { text: '', kind: '', value: null } });

  it.each([
    ['state.n * state.o.x', 7.5], ['state.n + 1', 4n], ['state.n == 3.0', true], ['state.n > state.o.x', true], ['has(state.n)', false], ['has(state.s)', true], ['has(state.o.y)', false],
    ['"has(state.n)"', 'has(state.n)'], ['state.s.matches("^a.c$")', true], ['"x.matches(y)"', 'x.matches(y)'], ['state.n % 2.0', 1],
  ])('%s', (source, expected) => {
    expect(run(source)).toEqual(expected);
  });

  it('matches in linear time, and refuses what cannot be', () => {
    const long = 'a'.repeat(50_000);
    const begin = performance.now();
    expect(expressions.evaluate('state.s.matches("^(a+)+$")', { state: { n: 0n, s: `${long}!`, o: {} }, _set_: {}, context: {}, input: { text: '', kind: '', value: null } })).toBe(false);
    // A backtracking engine would need longer than the universe has.
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(() => run('state.s.matches("a(?=b)")')).toThrow();
  });
});

describe('hashes in callback_data', () => {
  it('never change: messages with them were sent long ago', () => {
    expect([flowHash('order'), placeHash('order', 'late'), choiceHash('order', 'size')]).toEqual(['0z6jo2u9e6b', '12sj96v855n', '172d0bijxb8']);
  });
});
