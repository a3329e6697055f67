// `then` is a keyword of JSON Schema.
/* oxlint-disable unicorn/no-thenable */
import type { Json } from '@botplane/domain';
import { resolveRef } from '../program/json-schema.ts';
import { regexProblem } from '../program/regex.ts';
import { LIMITS } from '../schema/limits.ts';
import { join } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { isRecord } from './structure.ts';
import { didYouMean } from './suggest.ts';

type Shape = 'schema' | 'schemas' | 'named' | 'number' | 'size' | 'boolean' | 'text' | 'names' | 'list' | 'pattern' | 'ref' | 'type' | 'lists' | 'any';

/** Keywords of JSON Schema 2020-12, and what stands in each. */
const KEYWORDS: { readonly [keyword: string]: Shape } = {
  $schema: 'text', $id: 'text', $anchor: 'text', $dynamicAnchor: 'text', $ref: 'ref', $dynamicRef: 'ref', $defs: 'named', $comment: 'text',
  title: 'text', description: 'text', default: 'any', deprecated: 'boolean', readOnly: 'boolean', writeOnly: 'boolean', examples: 'list', format: 'text',
  type: 'type', enum: 'list', const: 'any',
  multipleOf: 'number', maximum: 'number', exclusiveMaximum: 'number', minimum: 'number', exclusiveMinimum: 'number',
  maxLength: 'size', minLength: 'size', pattern: 'pattern', contentEncoding: 'text', contentMediaType: 'text', contentSchema: 'schema',
  maxItems: 'size', minItems: 'size', uniqueItems: 'boolean', maxContains: 'size', minContains: 'size', contains: 'schema', prefixItems: 'schemas', items: 'schema', unevaluatedItems: 'schema',
  properties: 'named', patternProperties: 'named', additionalProperties: 'schema', unevaluatedProperties: 'schema', propertyNames: 'schema',
  maxProperties: 'size', minProperties: 'size', required: 'names', dependentRequired: 'lists', dependentSchemas: 'named',
  allOf: 'schemas', anyOf: 'schemas', oneOf: 'schemas', not: 'schema', if: 'schema', then: 'schema', else: 'schema',
};
const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Checks a schema of `validate`: known keywords, sound values, local references, RE2 patterns. */
export function checkJsonSchema(schema: unknown, path: string, out: Diagnostics): void {
  const bytes = JSON.stringify(schema ?? null).length;
  if (bytes > LIMITS.schemaBytesMax) return out.error({ code: 'too_long', path, found: bytes, message: `the schema has ${bytes} bytes; at most ${LIMITS.schemaBytesMax} are allowed` });
  new SchemaCheck(schema as Json, out).schema(schema, path, 0);
}

class SchemaCheck {
  readonly #root: Json;
  readonly #out: Diagnostics;

  constructor(root: Json, out: Diagnostics) {
    this.#root = root;
    this.#out = out;
  }

  schema(value: unknown, path: string, depth: number): void {
    if (typeof value === 'boolean') return;
    if (!isRecord(value)) return this.#bad(path, value, 'a schema is a mapping, true or false');
    if (depth > LIMITS.schemaDepthMax) return this.#bad(path, '', `a schema is at most ${LIMITS.schemaDepthMax} levels deep`);
    for (const [keyword, member] of Object.entries(value)) this.#keyword(keyword, member, join(path, keyword), depth);
  }

  #keyword(keyword: string, value: unknown, path: string, depth: number): void {
    const shape = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    if (shape === undefined) return this.#bad(path, keyword, `\`${keyword}\` is no keyword of JSON Schema 2020-12`, didYouMean(keyword, Object.keys(KEYWORDS)));
    if (keyword === '$schema' && value !== DIALECT) return this.#bad(path, value, 'the dialect is JSON Schema 2020-12', `use ${DIALECT}, or leave $schema out`);
    if (keyword === '$id' && depth > 0) return this.#bad(path, value, 'a schema inside a schema has no `$id`', 'use $anchor');
    if (keyword === 'format') this.#out.warn({ code: 'format_not_checked', path, found: value, message: '`format` is a remark in JSON Schema 2020-12: nothing is checked', remedy: 'use pattern' });
    this.#shape(shape, value, path, depth);
  }

  #shape(shape: Shape, value: unknown, path: string, depth: number): void {
    switch (shape) {
      case 'schema':
        return this.schema(value, path, depth + 1);
      case 'schemas':
        if (!Array.isArray(value) || value.length === 0) return this.#bad(path, value, 'a list of schemas is expected');
        return value.forEach((part, index) => this.schema(part, join(path, index), depth + 1));
      case 'named':
        return this.#named(value, path, depth);
      case 'ref':
        return this.#ref(value, path);
      case 'pattern':
        return this.#pattern(value, path);
      case 'type': {
        const names = Array.isArray(value) ? value : [value];
        for (const name of names) if (!TYPES.includes(name as string)) this.#bad(path, name, `\`${String(name)}\` is no type of JSON Schema`, didYouMean(String(name), TYPES) ?? `one of ${TYPES.join(', ')}`);
        return;
      }
      default:
        if (!isOfShape(shape, value)) this.#bad(path, value, `${SHAPE_TEXT[shape]} is expected`);
    }
  }

  #named(value: unknown, path: string, depth: number): void {
    if (!isRecord(value)) return this.#bad(path, value, 'a mapping of schemas is expected');
    for (const [name, part] of Object.entries(value)) {
      if (path.endsWith('.patternProperties')) this.#pattern(name, join(path, name));
      this.schema(part, join(path, name), depth + 1);
    }
  }

  #ref(value: unknown, path: string): void {
    if (typeof value !== 'string') return this.#bad(path, value, 'text is expected');
    if (!value.startsWith('#')) return this.#bad(path, value, 'a reference leads elsewhere', 'only references inside the schema: #/$defs/name');
    if (resolveRef(this.#root, value) === undefined) this.#bad(path, value, `\`${value}\` names nothing in this schema`);
  }

  #pattern(value: unknown, path: string): void {
    const problem = typeof value === 'string' ? regexProblem(value) : 'text is expected';
    if (problem !== undefined) this.#out.error({ code: 'bad_regex', path, found: value, message: problem, remedy: 'RE2 syntax: no lookaround, no backreferences' });
  }

  #bad(path: string, found: unknown, message: string, remedy?: string): void {
    this.#out.error({ code: 'bad_schema', path, found, message, remedy: remedy ?? 'see JSON Schema 2020-12' });
  }
}

const SHAPE_TEXT: { readonly [shape: string]: string } = { number: 'a number', size: 'a whole number from 0', boolean: 'true or false', text: 'text', names: 'a list of names', list: 'a list', lists: 'a mapping of lists of names' };

const isNames = (value: unknown): boolean => Array.isArray(value) && value.every((name) => typeof name === 'string');

function isOfShape(shape: Shape, value: unknown): boolean {
  switch (shape) {
    case 'number':
      return typeof value === 'number';
    case 'size':
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'names':
      return isNames(value);
    case 'list':
      return Array.isArray(value);
    case 'lists':
      return isRecord(value) && Object.values(value).every(isNames);
    default:
      return true;
  }
}
