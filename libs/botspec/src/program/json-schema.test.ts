// `then` is a keyword of JSON Schema.
/* oxlint-disable unicorn/no-thenable */
import fc from 'fast-check';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Json } from '@botplane/domain';
import { describe, expect, it } from 'vitest';
import { SchemaTooComplex, fitsSchema } from './json-schema.ts';

type Part = { [key: string]: Json };

describe('fitsSchema', () => {
  it.each<[schema: Json, good: Json[], bad: Json[]]>([
    [true, [1], []], [false, [], [1, null]],
    [{ type: ['string', 'null'] }, ['a', null], [1]], [{ type: 'integer' }, [1, 1.0, -3], [1.5, '1']],
    [{ const: { a: [1], b: 2 } }, [{ b: 2, a: [1] }], [{ a: [1] }]], [{ enum: [1, 'x', null] }, [1, 'x', null], [2, 'y']],
    [{ multipleOf: 0.1 }, [0.3, 1, 'x'], [0.35]], [{ minimum: 1, exclusiveMaximum: 3 }, [1, 2.9], [0.9, 3]],
    [{ minLength: 2, maxLength: 2 }, ['ab', '😀😀'], ['a', 'abc']], [{ pattern: '^a+$' }, ['aa'], ['ab']],
    [{ items: { type: 'string' }, minItems: 1, maxItems: 2, uniqueItems: true }, [['a'], ['a', 'b']], [[], ['a', 'b', 'c'], ['a', 'a'], [1]]],
    [{ prefixItems: [{ type: 'string' }], items: false }, [['a'], []], [['a', 1], [1]]],
    [{ contains: { const: 1 }, minContains: 2, maxContains: 3 }, [[1, 1, 2]], [[1], [1, 1, 1, 1]]],
    [{ properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }, [{ a: 'x' }], [{}, { a: 1 }, { a: 'x', b: 1 }]],
    [{ patternProperties: { '^x_': { type: 'number' } }, additionalProperties: { type: 'string' } }, [{ x_a: 1, b: 'c' }], [{ x_a: 'b' }, { b: 1 }]],
    [{ propertyNames: { maxLength: 2 }, minProperties: 1, maxProperties: 2 }, [{ ab: 1 }], [{}, { abc: 1 }, { a: 1, b: 1, c: 1 }]],
    [{ dependentRequired: { a: ['b'] }, dependentSchemas: { c: { required: ['d'] } } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }, { c: 1 }]],
    [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1], [3]], [{ anyOf: [{ type: 'string' }, { minimum: 5 }] }, ['a', 5], [4]], [{ oneOf: [{ minimum: 1 }, { minimum: 5 }] }, [2], [0, 6]], [{ not: { type: 'string' } }, [1], ['a']],
    [{ if: { required: ['a'] }, then: { required: ['b'] }, else: { required: ['c'] } }, [{ a: 1, b: 1 }, { c: 1 }], [{ a: 1 }, {}]],
    [{ $defs: { 'a/b': { type: 'string' }, n: { $anchor: 'num', type: 'number' } }, anyOf: [{ $ref: '#/$defs/a~1b' }, { $ref: '#num' }] }, ['a', 1], [true]],
    [{ type: 'object', properties: { next: { $ref: '#' } }, additionalProperties: false }, [{ next: { next: {} } }], [{ next: { x: 1 } }]],
    [{ allOf: [{ properties: { a: true } }], anyOf: [{ properties: { b: { const: 1 } }, required: ['b'] }, true], unevaluatedProperties: false }, [{ a: 1, b: 1 }, { a: 1 }], [{ a: 1, c: 1 }, { b: 2 }]],
    [{ prefixItems: [true], contains: { type: 'string' }, unevaluatedItems: false }, [[1, 'a']], [[1, 'a', 2]]],
    [{ format: 'email' }, ['no e-mail'], []], [{ type: 'object', properties: { constructor: { type: 'number' } } }, [{}, { constructor: 1 }], [{ constructor: 'x' }]],
  ])('%j', (schema, good, bad) => {
    for (const value of good) expect([value, fitsSchema(schema, value)]).toEqual([value, true]);
    for (const value of bad) expect([value, fitsSchema(schema, value)]).toEqual([value, false]);
  });

  it('agrees with another implementation on random schemas and values', () => {
    const keys = fc.constantFrom('a', 'b', 'c');
    const leaf = fc.oneof(fc.constantFrom<Json>(null, true, 'a', 'bb', '', 0, 1, 2, -1, 1.5), fc.integer({ min: -5, max: 5 }));
    const value = fc.letrec<{ v: Json }>((tie) => ({ v: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('v'), { maxLength: 3 }), fc.dictionary(keys, tie('v'), { maxKeys: 3, noNullPrototype: true })) })).v;
    const schema = fc.letrec<{ s: Part | boolean }>((tie) => {
      const some = fc.array(tie('s'), { minLength: 1, maxLength: 2 });
      const named = fc.dictionary(keys, tie('s'), { maxKeys: 2 });
      const parts: { [keyword: string]: fc.Arbitrary<unknown> } = {
        type: fc.constantFrom('string', 'number', 'integer', 'object', 'array', 'null', 'boolean'), minimum: fc.integer({ min: -2, max: 2 }), maxLength: fc.integer({ min: 0, max: 3 }), minItems: fc.integer({ min: 0, max: 2 }), uniqueItems: fc.boolean(),
        required: fc.uniqueArray(keys, { maxLength: 2 }), enum: fc.uniqueArray(leaf, { minLength: 1, maxLength: 3, selector: (member) => JSON.stringify(member) }), properties: named, additionalProperties: tie('s'), unevaluatedProperties: tie('s'), patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$'), tie('s'), { maxKeys: 1 }), propertyNames: tie('s'),
        prefixItems: some, items: tie('s'), contains: tie('s'), unevaluatedItems: tie('s'), allOf: some, anyOf: some, oneOf: some, not: tie('s'), if: tie('s'), then: tie('s'), else: tie('s'), dependentSchemas: named,
      };
      return { s: fc.oneof({ maxDepth: 3 }, fc.boolean(), fc.record(parts, { requiredKeys: [] }).map((all) => Object.fromEntries(Object.entries(all).slice(0, 4)) as Part)) };
    }).s;
    const ajv = new Ajv2020({ strict: false, validateSchema: false });
    fc.assert(fc.property(schema, fc.array(value, { maxLength: 4 }), (one, values) => {
      const check = ajv.compile(one);
      for (const each of values) expect([one, each, fitsSchema(one, each)]).toEqual([one, each, check(each)]);
    }), { numRuns: 300 });
  });

  it('gives up on what leads round, or takes too long', () => {
    expect(() => fitsSchema({ $ref: '#' }, 1)).toThrow(SchemaTooComplex);
    expect(() => fitsSchema({ $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }, { $ref: '#/$defs/b' }] }, b: { items: { $ref: '#/$defs/a' }, not: { not: { items: { $ref: '#/$defs/a' } } } } }, $ref: '#/$defs/a' }, JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`) as Json)).toThrow(SchemaTooComplex);
  });
});
