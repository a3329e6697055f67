import { BOT_SPEC_SCHEMA } from '../schema/bot-spec-schema.ts';
import { COMMAND_PATTERN, DURATION_PATTERN, LOCALE_PATTERN, NAME_PATTERN } from '../schema/step-schema.ts';
import type { AnyNode, ArrayNode, MapNode, NumberNode, ObjectNode, SchemaNode, StringNode } from '../schema/node.ts';
import { join } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { didYouMean } from './suggest.ts';

/** Names of the founding spec and what we call them. */
const RENAMED: { readonly [name: string]: string } = { botId: 'metadata.name of the Bot', schema_ver: 'schemaVersion', pii_policy: 'meta.piiPolicy, or pii: true on a state key', backoff: 'backoffMs' };

/** First pass: shape of the document against the schema. Every deviation is reported, none stops the walk. */
export function checkStructure(value: unknown, diagnostics: Diagnostics): void {
  check(BOT_SPEC_SCHEMA, value, '', diagnostics);
}

function check(node: SchemaNode, value: unknown, path: string, out: Diagnostics): void {
  switch (node.kind) {
    case 'string':
      return checkString(node, value, path, out);
    case 'integer':
    case 'number':
      return checkNumber(node, value, path, out);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType(value, path, 'true or false', out);
    case 'array':
      return checkArray(node, value, path, out);
    case 'map':
      return checkMap(node, value, path, out);
    case 'object':
      return checkObject(node, value, path, out);
    case 'pending':
      return out.error({ code: 'not_supported_yet', path, found: value, message: `\`${lastKey(path)}\` is not supported yet`, remedy: node.instead });
    case 'any':
      return checkAny(node, value, path, out);
  }
}

/** The shape of the value's own kind decides; a field without shapes takes any JSON. */
function checkAny(node: AnyNode, value: unknown, path: string, out: Diagnostics): void {
  if (!node.shapes || node.shapes.length === 0) return;
  const shape = node.shapes.find(({ kind }) => (typeof value === 'string' ? kind === 'string' : Array.isArray(value) ? kind === 'array' : isRecord(value) && (kind === 'object' || kind === 'map')));
  if (shape) return check(shape, value, path, out);
  wrongType(value, path, node.shapes.map(({ kind }) => ({ string: 'text', array: 'a list' })[kind as string] ?? 'a mapping').join(' or '), out);
}

function checkString(node: StringNode, value: unknown, path: string, out: Diagnostics): void {
  if (typeof value === 'number' && node.pattern === DURATION_PATTERN) return out.error({ code: 'bad_format', path, found: value, ...formatText(node.pattern, String(value)) });
  if (typeof value !== 'string') return wrongType(value, path, 'text', out);
  if (node.values && !node.values.includes(value)) {
    return out.error({ code: 'unknown_value', path, found: value, message: `\`${value}\` is not one of ${node.values.join(', ')}`, remedy: didYouMean(value, node.values) ?? 'use one of them' });
  }
  if (node.minLength !== undefined && value.length < node.minLength) out.error({ code: 'too_short', path, found: value, message: 'must not be empty', remedy: 'write something, or leave the key out' });
  if (node.maxLength !== undefined && value.length > node.maxLength) {
    out.error({ code: 'too_long', path, found: value, message: `has ${value.length} characters; at most ${node.maxLength} are allowed`, remedy: 'shorten it' });
  }
  if (node.pattern && !regexOf(node.pattern).test(value)) out.error({ code: 'bad_format', path, found: value, ...formatText(node.pattern, value) });
}

const REGEXES = new Map<string, RegExp>();

/** Patterns of the schema: a few dozen, used for every name. */
function regexOf(pattern: string): RegExp {
  const known = REGEXES.get(pattern) ?? new RegExp(pattern, 'u');
  REGEXES.set(pattern, known);
  return known;
}

function formatText(pattern: string, value: string): { message: string; remedy: string } {
  if (pattern === NAME_PATTERN) return { message: `\`${value}\` is not a name`, remedy: 'a name begins with a letter and has letters, digits and _, at most 63' };
  if (pattern === DURATION_PATTERN) return { message: `\`${value}\` is not a duration`, remedy: 'write a whole number and one unit: 30s, 10m, 24h, 7d' };
  if (pattern === COMMAND_PATTERN) return { message: `\`${value}\` is not a command`, remedy: 'a command has 1 to 32 of a-z, 0-9 and _, without the slash' };
  if (pattern === LOCALE_PATTERN) return { message: `\`${value}\` is not a language`, remedy: 'a language tag such as en, de or pt-BR' };
  return { message: `\`${value}\` does not have the form ${pattern}`, remedy: `it must match ${pattern}` };
}

function checkNumber(node: NumberNode, value: unknown, path: string, out: Diagnostics): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || (node.kind === 'integer' && !Number.isInteger(value))) {
    return wrongType(value, path, node.kind === 'integer' ? 'a whole number' : 'a number', out);
  }
  if ((node.min !== undefined && value < node.min) || (node.max !== undefined && value > node.max)) {
    out.error({ code: 'out_of_range', path, found: value, message: node.min === node.max ? `${value} is not ${node.min}` : `${value} is not between ${node.min} and ${node.max}`, remedy: `use ${value < (node.min ?? 0) ? node.min : node.max}${node.min === node.max ? '' : value < (node.min ?? 0) ? ' or more' : ' or less'}` });
  }
}

function checkArray(node: ArrayNode, value: unknown, path: string, out: Diagnostics): void {
  if (!Array.isArray(value)) return wrongType(value, path, 'a list', out);
  if (node.min !== undefined && value.length < node.min) out.error({ code: 'too_few', path, found: value, message: `the list has ${value.length} entries; at least ${node.min} needed`, remedy: 'add one, or leave the key out' });
  if (value.length > node.max) out.error({ code: 'too_many', path, found: value.length, message: `the list has ${value.length} entries; at most ${node.max} are allowed`, remedy: 'remove some, or split it' });
  value.slice(0, node.max).forEach((item, index) => check(node.items, item, join(path, index), out));
}

/** Where null has a meaning, kubectl may have taken it away: client-side apply drops every null before it sends. */
const EMPTIED = 'add one, or leave the key out; for null write "= null", since kubectl apply drops null';

function checkMap(node: MapNode, value: unknown, path: string, out: Diagnostics): void {
  if (!isRecord(value)) return wrongType(value, path, 'a mapping', out);
  const entries = Object.entries(value);
  if (node.min !== undefined && entries.length < node.min) out.error({ code: 'too_few', path, found: value, message: `needs at least ${node.min} entry`, remedy: node.values.kind === 'any' ? EMPTIED : 'add one, or leave the key out' });
  if (entries.length > node.max) out.error({ code: 'too_many', path, found: entries.length, message: `has ${entries.length} entries; at most ${node.max} are allowed`, remedy: 'remove some, or split it' });
  for (const [key, member] of entries.slice(0, node.max)) check(node.values, member, join(path, key), out);
}

function checkObject(node: ObjectNode, value: unknown, path: string, out: Diagnostics): void {
  if (value === null && node.nullable) return;
  if (!isRecord(value)) return wrongType(value, path, 'a mapping', out);
  for (const key of node.required ?? []) {
    if (!Object.hasOwn(value, key)) out.error({ code: 'missing_key', path: join(path, key), message: `\`${key}\` is missing`, remedy: node.properties[key]?.description });
  }
  for (const key of Object.keys(value)) if (!Object.hasOwn(node.properties, key) && !node.open) unknownKey(node, key, path, out);
  for (const [key, child] of Object.entries(node.properties)) {
    if (Object.hasOwn(value, key) && value[key] !== undefined) check(child, value[key], join(path, key), out);
  }
}

function unknownKey(node: ObjectNode, key: string, path: string, out: Diagnostics): void {
  const ours = RENAMED[key];
  const remedy = ours ? `use ${ours}` : (didYouMean(key, Object.keys(node.properties)) ?? `known here: ${Object.keys(node.properties).filter((name) => node.properties[name]?.kind !== 'pending').join(', ')}`);
  out.error({ code: 'unknown_key', path: join(path, key), found: key, message: `\`${key}\` is not known here`, remedy: key === 'true' || key === 'false' ? 'YAML 1.1 read y, yes, on, n, no or off as a boolean: put the key in quotes' : remedy });
}

function wrongType(value: unknown, path: string, wanted: string, out: Diagnostics): void {
  // kubectl reads YAML 1.1, so the harm is done before we see it: name the likely cause.
  const remedy = wanted.startsWith('text') && typeof value === 'boolean' ? 'YAML 1.1 reads y, yes, on, n, no and off as booleans: put the value in quotes'
    : wanted === 'text' && value === null && lastKey(path) === 'when' ? 'a value that begins with ! must be quoted'
    : wanted.startsWith('text') && typeof value === 'number' ? 'put the value in quotes'
    : `write ${wanted}`;
  out.error({ code: 'wrong_type', path, found: value, message: `${wanted} is expected here, not ${kindOf(value)}`, remedy });
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return { object: 'a mapping', string: 'text', number: 'a number', boolean: 'a boolean' }[typeof value as string] ?? typeof value;
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).replace(/\[\d+\]$/, '');
}

/** A plain JSON object. */
export function isRecord(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
