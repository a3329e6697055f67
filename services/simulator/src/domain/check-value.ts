import type { SchemaField, SchemaType } from './schema.ts';
import { schemaNamed } from './schema.ts';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with a value: what could not be read, and why, in the words of the Bot API server. */
export interface Problem {
  readonly what: string;
  readonly why: string;
}

/**
 * Checks a JSON value against a type of the schema. As the Bot API server does, it takes numbers for text and text that
 * is a number for numbers, and leaves unknown fields alone. `what` names the value when it has no type name of its own.
 */
export function checkValue(value: unknown, type: SchemaType, what: string): Problem | null {
  switch (type.kind) {
    case 'str': return typeof value === 'string' || typeof value === 'number' ? null : { what, why: 'must be of type String' };
    case 'num': return isNumber(value) ? null : { what, why: 'must be a Number' };
    case 'bool': return typeof value === 'boolean' ? null : { what, why: 'must be of type Boolean' };
    case 'file': return typeof value === 'string' ? null : { what, why: 'must be of type String' };
    case 'literal': return checkLiteral(value, type.value, what);
    case 'array': return checkArray(value, type.of, what);
    case 'ref': return checkNamed(value, type.name, what);
    case 'union': return checkUnion(value, type.of, what);
  }
}

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));

function checkLiteral(value: unknown, wanted: string | number | boolean, what: string): Problem | null {
  // `true` in the schema is a flag that is only ever sent when it is set; servers take false for its absence.
  if (wanted === true ? typeof value === 'boolean' : String(value) === String(wanted)) return null;
  return { what, why: typeof wanted === 'boolean' ? 'must be of type Boolean' : 'has an unsupported value' };
}

function checkArray(value: unknown, of: SchemaType, what: string): Problem | null {
  if (!Array.isArray(value)) return { what, why: 'must be of type Array' };
  for (const item of value as unknown[]) {
    const problem = checkValue(item, of, what);
    if (problem) return problem;
  }
  return null;
}

function checkNamed(value: unknown, name: string, what = ''): Problem | null {
  const target = schemaNamed(name);
  if (target.kind === 'alias') return checkValue(value, target.type, objectNames(target.type).length > 0 ? name : what);
  if (!isObject(value)) return { what: name, why: 'expected an Object' };
  for (const field of target.fields) {
    const problem = checkField(value[field.name], field, name);
    if (problem) return problem;
  }
  return null;
}

function checkField(value: unknown, field: SchemaField, owner: string): Problem | null {
  if (value === undefined || value === null) return field.isRequired ? { what: owner, why: `Can't find field "${field.name}"` } : null;
  const problem = checkValue(value, field.type, '');
  if (!problem) return null;
  return problem.what === '' ? { what: owner, why: `Field "${field.name}" ${problem.why}` } : problem;
}

/** Fields that tell the members of a union apart. */
const TAGS = ['type', 'source', 'status'] as const;

function checkUnion(value: unknown, of: readonly SchemaType[], what: string): Problem | null {
  const objects = isObject(value) ? of.flatMap(objectNames) : [];
  if (objects.length > 1) return checkTagged(value as Fields, objects, what);
  let first: Problem | null = null;
  for (const one of of) {
    const problem = checkValue(value, one, what);
    if (!problem) return null;
    first ??= problem;
  }
  return first;
}

/** The names of the objects that a type may be. */
function objectNames(type: SchemaType): string[] {
  if (type.kind === 'union') return type.of.flatMap(objectNames);
  if (type.kind !== 'ref') return [];
  const target = schemaNamed(type.name);
  return target.kind === 'object' ? [target.name] : objectNames(target.type);
}

function checkTagged(value: Fields, names: readonly string[], what: string): Problem | null {
  const union = what === '' || /^[a-z]/.test(what) ? commonStart(names) : what;
  const tag = TAGS.find((field) => names.every((name) => tagOf(name, field) !== undefined));
  const matching = tag === undefined ? names : names.filter((name) => tagOf(name, tag) === value[tag]);
  if (tag !== undefined && value[tag] === undefined) return { what: union, why: `Can't find field "${tag}"` };
  let first: Problem | null = null;
  for (const name of matching) {
    const problem = checkNamed(value, name);
    if (!problem) return null;
    first ??= problem;
  }
  return first ?? { what: union, why: `Unsupported ${tag ?? 'type'} specified` };
}

function tagOf(name: string, field: string): unknown {
  const target = schemaNamed(name);
  const type = target.kind === 'object' ? target.fields.find((one) => one.name === field)?.type : undefined;
  return type?.kind === 'literal' ? type.value : undefined;
}

/** "InputMedia" of InputMediaPhoto and InputMediaVideo. */
function commonStart(names: readonly string[]): string {
  let start = names[0] ?? '';
  for (const name of names) while (!name.startsWith(start)) start = start.slice(0, -1);
  return start === '' ? (names[0] ?? '') : start;
}
