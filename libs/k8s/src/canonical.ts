import { createHash } from 'node:crypto';

/** JSON with sorted keys and without undefined and null members: equal text means equal meaning. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value)) ?? 'null';
}

/** sha256 of {@link canonicalJson}, in hex. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** True when writing `b` over `a` would change nothing. The order of keys and of conditions does not count, absent equals null. */
export function statusEquals(a: unknown, b: unknown): boolean {
  return means(withSortedConditions(a), withSortedConditions(b));
}

/**
 * True when `live` has every field of `desired` with its value; what the server or others added does not count. Lists are compared item by item.
 * Values must be written as the server keeps them (`500m`, not `0.5`), else they never cover.
 */
export function covers(live: unknown, desired: unknown): boolean {
  if (desired === undefined || desired === null) return true;
  if (Array.isArray(desired)) {
    if (!Array.isArray(live)) return desired.length === 0 && live === undefined;
    return live.length === desired.length && desired.every((item, index) => covers(live[index], item));
  }
  if (typeof desired !== 'object') return live === desired;
  // An empty object that the server dropped is no difference.
  if (live === undefined) return Object.values(desired).every((value) => covers(undefined, value));
  if (!isRecord(live)) return false;
  return Object.entries(desired).every(([key, value]) => covers(live[key], value));
}

/** As equal canonical texts, without writing them: every reconcile asks this. */
function means(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => means(item, b[index]));
  if (!isRecord(a)) return (a ?? null) === (b ?? null);
  if (!isRecord(b)) return false;
  for (const key in a) if (!means(a[key], b[key])) return false;
  for (const key in b) if (a[key] === undefined && !means(a[key], b[key])) return false;
  return true;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isRecord(value)) return value;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined && member !== null) sorted[key] = canonical(member);
  }
  return sorted;
}

function withSortedConditions(status: unknown): unknown {
  if (!isRecord(status) || !Array.isArray(status['conditions'])) return status;
  const conditions = [...status['conditions']] as { type?: string }[];
  return { ...status, conditions: conditions.sort((a, b) => (String(a.type) < String(b.type) ? -1 : 1)) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
