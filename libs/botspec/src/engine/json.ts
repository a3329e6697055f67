import type { Json } from '@botplane/domain';

export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own member of an object; names such as `constructor` are ordinary names here. */
export function own<T>(record: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Result of an expression as JSON; undefined for what JSON cannot hold exactly. */
export function toJson(value: unknown, depth = 0): Json | undefined {
  if (depth > 100) return undefined;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (Array.isArray(value) || value instanceof Set) return listToJson([...value], depth);
  if (value instanceof Map) return entriesToJson([...value.entries()], depth);
  if (typeof value === 'object' && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)) return entriesToJson(Object.entries(value), depth);
  return undefined;
}

function listToJson(items: unknown[], depth: number): Json | undefined {
  const list = items.map((item) => toJson(item, depth + 1));
  return list.some((item) => item === undefined) ? undefined : (list as Json[]);
}

function entriesToJson(entries: [unknown, unknown][], depth: number): Json | undefined {
  const members = entries.map(([key, member]): [string, Json | undefined] => [String(key), toJson(member, depth + 1)]);
  return members.some(([, member]) => member === undefined) ? undefined : (Object.fromEntries(members) as JsonObject);
}

/** Whether the value's JSON has more than so many bytes in UTF-8; most values are far below, and then nothing is counted. */
export function exceedsJsonBytes(value: Json, bytesMax: number): boolean {
  const text = JSON.stringify(value);
  return text.length * UTF8_BYTES_PER_UNIT_MAX > bytesMax && utf8Bytes(text) > bytesMax;
}

/** Bytes of the value's JSON in UTF-8; key order does not matter to the length. */
export function jsonBytes(value: Json): number {
  return utf8Bytes(JSON.stringify(value));
}

const UTF8_BYTES_PER_UNIT_MAX = 3;

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Both halves of a surrogate pair count 2: 4 bytes together.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  return bytes;
}

/** Number as people write it: no exponent. */
export function plainNumber(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  if (Number.isInteger(value)) return BigInt(value).toString();
  return value.toFixed(20).replace(/\.?0+$/, '');
}
