import { isRecord } from './structure.ts';

/** Readers of parts whose shape may be wrong: what does not fit is empty, since the first pass has reported it. */
export type Raw = { readonly [key: string]: unknown };

export const recordOf = (value: unknown): Raw => (isRecord(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const UNIT_MS: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m` in ms; undefined when it is none. */
export function durationMs(value: unknown): number | undefined {
  const match = typeof value === 'string' ? /^([1-9]\d{0,6})([smhd])$/.exec(value) : null;
  return match ? Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0) : undefined;
}

/** Own member of a record: names such as `constructor` are ordinary names to us. */
export const ownOf = (record: Raw, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined);
