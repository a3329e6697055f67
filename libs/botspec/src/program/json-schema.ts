import type { Json } from '@botplane/domain';
import { LIMITS } from '../schema/limits.ts';
import { regexFinds } from './regex.ts';

type JsonObject = { readonly [key: string]: Json };
type Schema = JsonObject | boolean;

/** Evaluating took more than LIMITS.schemaOperationsMax, or a reference leads round without end. */
export class SchemaTooComplex extends Error {}

/** What a schema has looked at in the value itself: `unevaluated…` speak of the rest. */
interface Seen {
  properties: Set<string>;
  items: Set<number>;
}

/** Whether a value fits a JSON Schema (2020-12). References are local, patterns run in linear time, `format` is a remark. */
export function fitsSchema(schema: Json, value: Json): boolean {
  return new Evaluation(schema).run(schema as Schema, value, 0) !== undefined;
}

/** The subschema that a local reference (`#`, `#/$defs/x`, `#anchor`) names. */
export function resolveRef(root: Json, ref: string): Json | undefined {
  if (!ref.startsWith('#')) return undefined;
  const fragment = safeDecode(ref.slice(1));
  if (fragment !== '' && !fragment.startsWith('/')) return anchored(root, fragment);
  let at: Json | undefined = root;
  for (const part of fragment.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    if (at === undefined) return undefined;
  }
  return at;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function anchored(at: Json | undefined, name: string): Json | undefined {
  if (typeof at !== 'object' || at === null) return undefined;
  if (isObject(at) && (at['$anchor'] === name || at['$dynamicAnchor'] === name)) return at;
  for (const child of Object.values(at)) {
    const found = anchored(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

class Evaluation {
  readonly #root: Json;
  #operations = 0;

  constructor(root: Json) {
    this.#root = root;
  }

  /** What was looked at, or undefined when the value does not fit. */
  run(schema: Schema, value: Json, depth: number): Seen | undefined {
    this.#operations += 1;
    if (this.#operations > LIMITS.schemaOperationsMax || depth > LIMITS.schemaNestingMax) throw new SchemaTooComplex('the schema takes too long');
    const seen: Seen = { properties: new Set(), items: new Set() };
    if (typeof schema === 'boolean') return schema ? seen : undefined;
    const good = fitsKind(schema, value) && this.#inPlace(schema, value, seen, depth) && this.#object(schema, value, seen, depth) && this.#array(schema, value, seen, depth);
    return good && this.#unevaluated(schema, value, seen, depth) ? seen : undefined;
  }

  /** Applies a subschema to the value itself; what it looked at counts here too. */
  #also(schema: Json, value: Json, seen: Seen, depth: number): boolean {
    const result = this.run(schema as Schema, value, depth + 1);
    if (!result) return false;
    for (const key of result.properties) seen.properties.add(key);
    for (const index of result.items) seen.items.add(index);
    return true;
  }

  #fits(schema: Json | undefined, value: Json, depth: number): boolean {
    return schema === undefined || this.run(schema as Schema, value, depth + 1) !== undefined;
  }

  #inPlace(schema: JsonObject, value: Json, seen: Seen, depth: number): boolean {
    const { allOf, anyOf, oneOf, not } = schema;
    for (const key of ['$ref', '$dynamicRef']) {
      const ref = schema[key];
      if (typeof ref === 'string' && !this.#also(resolveRef(this.#root, ref) ?? false, value, seen, depth)) return false;
    }
    // Each of them runs, since what it looks at counts.
    if (Array.isArray(allOf) && !allOf.every((part) => this.#also(part, value, seen, depth))) return false;
    if (Array.isArray(anyOf) && anyOf.filter((part) => this.#also(part, value, seen, depth)).length === 0) return false;
    if (Array.isArray(oneOf) && oneOf.filter((part) => this.#also(part, value, seen, depth)).length !== 1) return false;
    if (not !== undefined && this.#fits(not, value, depth)) return false;
    return this.#condition(schema, value, seen, depth);
  }

  #condition(schema: JsonObject, value: Json, seen: Seen, depth: number): boolean {
    if (schema['if'] === undefined) return true;
    const branch = this.#also(schema['if'], value, seen, depth) ? schema['then'] : schema['else'];
    return branch === undefined || this.#also(branch, value, seen, depth);
  }

  #object(schema: JsonObject, value: Json, seen: Seen, depth: number): boolean {
    if (!isObject(value)) return true;
    const { propertyNames } = schema;
    const properties = objectOf(schema['properties']);
    const patterns = Object.entries(objectOf(schema['patternProperties']));
    for (const [key, member] of Object.entries(value)) {
      const schemas = [...(Object.hasOwn(properties, key) ? [properties[key]] : []), ...patterns.filter(([pattern]) => regexFinds(pattern, key)).map(([, part]) => part)];
      const applied = schemas.length === 0 && schema['additionalProperties'] !== undefined ? [schema['additionalProperties']] : schemas;
      if (!applied.every((part) => this.#fits(part, member, depth))) return false;
      if (applied.length > 0) seen.properties.add(key);
      if (propertyNames !== undefined && !this.#fits(propertyNames, key, depth)) return false;
    }
    return Object.entries(objectOf(schema['dependentSchemas'])).every(([key, part]) => !Object.hasOwn(value, key) || this.#also(part, value, seen, depth));
  }

  #array(schema: JsonObject, value: Json, seen: Seen, depth: number): boolean {
    if (!Array.isArray(value)) return true;
    const { items, contains } = schema;
    const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
    for (const [index, item] of value.entries()) {
      const part = index < prefix.length ? prefix[index] : items;
      if (part === undefined) continue;
      if (!this.#fits(part, item, depth)) return false;
      seen.items.add(index);
    }
    if (contains === undefined) return true;
    const found = [...value.keys()].filter((index) => this.#fits(contains, value[index] as Json, depth));
    for (const index of found) seen.items.add(index);
    return found.length >= numberOr(schema['minContains'], 1) && found.length <= numberOr(schema['maxContains'], Infinity);
  }

  #unevaluated(schema: JsonObject, value: Json, seen: Seen, depth: number): boolean {
    const { unevaluatedProperties: properties, unevaluatedItems: items } = schema;
    if (properties !== undefined && isObject(value)) {
      for (const key of Object.keys(value)) {
        if (!seen.properties.has(key) && !this.#fits(properties, value[key] as Json, depth)) return false;
        seen.properties.add(key);
      }
    }
    if (items !== undefined && Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (!seen.items.has(index) && !this.#fits(items, item, depth)) return false;
        seen.items.add(index);
      }
    }
    return true;
  }
}

/** Everything that needs no subschema. */
function fitsKind(schema: JsonObject, value: Json): boolean {
  const { type, const: only, enum: any } = schema;
  if (typeof type === 'string' && !isType(value, type)) return false;
  if (Array.isArray(type) && !type.some((name) => isType(value, String(name)))) return false;
  if (only !== undefined && sameKey(value) !== sameKey(only)) return false;
  if (Array.isArray(any) && !any.some((member) => sameKey(member) === sameKey(value))) return false;
  if (typeof value === 'number') return fitsNumber(schema, value);
  if (typeof value === 'string') return fitsString(schema, value);
  if (Array.isArray(value)) return within(value.length, schema['minItems'], schema['maxItems']) && (schema['uniqueItems'] !== true || new Set(value.map(sameKey)).size === value.length);
  return !isObject(value) || fitsMembers(schema, value);
}

function fitsNumber(schema: JsonObject, value: number): boolean {
  const { multipleOf } = schema;
  if (!within(value, schema['minimum'], schema['maximum'])) return false;
  if (value <= numberOr(schema['exclusiveMinimum'], -Infinity) || value >= numberOr(schema['exclusiveMaximum'], Infinity)) return false;
  if (typeof multipleOf !== 'number') return true;
  const quotient = value / multipleOf;
  // 0.3 is a multiple of 0.1 to people, if not to floating point.
  return Number.isFinite(quotient) && Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * 1e-14;
}

function fitsString(schema: JsonObject, value: string): boolean {
  const { pattern, minLength, maxLength } = schema;
  if ((minLength !== undefined || maxLength !== undefined) && !within(codePoints(value), minLength, maxLength)) return false;
  return typeof pattern !== 'string' || regexFinds(pattern, value);
}

function fitsMembers(schema: JsonObject, value: JsonObject): boolean {
  if (!within(Object.keys(value).length, schema['minProperties'], schema['maxProperties'])) return false;
  const has = (key: Json): boolean => typeof key === 'string' && Object.hasOwn(value, key);
  if (Array.isArray(schema['required']) && !schema['required'].every(has)) return false;
  return Object.entries(objectOf(schema['dependentRequired'])).every(([key, needed]) => !has(key) || !Array.isArray(needed) || needed.every(has));
}

function isType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** Equal values have equal keys, whatever the order of members. */
function sameKey(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sameKey).join(',')}]`;
  if (isObject(value)) return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${sameKey(value[key] as Json)}`).join(',')}}`;
  return JSON.stringify(value);
}

const within = (value: number, min: Json | undefined, max: Json | undefined): boolean => value >= numberOr(min, -Infinity) && value <= numberOr(max, Infinity);
const numberOr = (value: Json | undefined, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
/** Length as JSON Schema counts it. */
function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}
