import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { botSpecJsonSchema, crdProjection } from '../index.ts';
import type { BotSpec, JSONSchemaProps } from '../index.ts';
import { exampleSpec } from '../../test/player.ts';
import { typesSource } from './types-source.ts';

const generated = (name: string): string => readFileSync(new URL(`../generated/${name}`, import.meta.url), 'utf8');

function* nodes(schema: JSONSchemaProps, path = 'botSpec'): Generator<[string, JSONSchemaProps]> {
  yield [path, schema];
  for (const [key, child] of Object.entries(schema.properties ?? {})) yield* nodes(child, `${path}.${key}`);
  if (schema.items) yield* nodes(schema.items, `${path}[]`);
  if (schema.additionalProperties) yield* nodes(schema.additionalProperties, `${path}.*`);
}

describe('schema', () => {
  it('is what the committed files were generated from', () => {
    expect(generated('bot-spec.ts')).toBe(typesSource());
    expect(generated('botspec.schema.json')).toBe(`${JSON.stringify(botSpecJsonSchema(), null, 2)}\n`);
  });

  it.each(['echo', 'coffee-club'])('as JSON Schema takes %s, and refuses what is not supported', (name) => {
    const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(botSpecJsonSchema());
    const spec = exampleSpec(name) as BotSpec;
    validate(spec);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...spec, triggers: [] })).toBe(false);
    expect(validate({ ...spec, flows: { main: { steps: [{ repyl: {} }] } } })).toBe(false);
  });
});

describe('crdProjection', () => {
  const projection = crdProjection();

  it('describes every field', () => {
    for (const [path, schema] of nodes(projection)) expect([path, (schema.description ?? '').length > 3]).toEqual([path, true]);
  });

  it('is structural: every node has a type, or keeps what it is given; none has properties and additionalProperties', () => {
    for (const [path, schema] of nodes(projection)) {
      expect([path, schema.type !== undefined || schema['x-kubernetes-preserve-unknown-fields'] === true]).toEqual([path, true]);
      expect([path, schema.properties !== undefined && schema.additionalProperties !== undefined]).toEqual([path, false]);
      expect([path, schema.type === 'array', schema.items !== undefined]).toEqual([path, schema.type === 'array', schema.type === 'array']);
    }
  });

  it('uses nothing that the budget of the API server forbids here, and is small', () => {
    const text = JSON.stringify(projection);
    for (const word of ['"oneOf"', '"anyOf"', '"default":', 'x-kubernetes-validations', '"$ref"']) expect(text.includes(word) && word !== '"default":').toBe(false);
    for (const [path, schema] of nodes(projection)) expect([path, Object.keys(schema).includes('default')]).toEqual([path, false]);
    expect(text.length).toBeLessThan(60_000);
  });

  it('closes our objects and keeps Telegram objects open', () => {
    const step = projection.properties?.['flows']?.additionalProperties?.properties?.['steps']?.items;
    expect(step?.['x-kubernetes-preserve-unknown-fields']).toBeUndefined();
    for (const kind of ['reply', 'ask', 'choice']) expect(step?.properties?.[kind]).toMatchObject({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    expect(step?.properties?.['end']).toMatchObject({ type: 'object', nullable: true });
    // `save: {k: null}` forgets; kube-apiserver would drop the null.
    expect(step?.properties?.['save']?.additionalProperties).toMatchObject({ nullable: true });
    expect(step?.properties?.['goto']?.type).toBeUndefined();
  });
});
