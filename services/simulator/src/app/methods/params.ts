import { badRequest } from '../../domain/api-error.ts';
import type { BotAccount } from '../bot-account.ts';

/** A file that came with a call. */
export interface Upload {
  field: string;
  fileName: string;
  mimeType: string;
  bytes: Uint8Array;
}

/** One call while it is answered. Parameters are as they came: forms send everything as text. */
export interface Call {
  account: BotAccount;
  params: Record<string, unknown>;
  files: readonly Upload[];
  nowMs: number;
}

/** What a method answers: its result, and the words that Telegram adds to a few of them. */
export interface Reply {
  result: unknown;
  description?: string;
}

export type Method = (call: Call) => Reply;

/** A parameter as text; empty when absent. */
export function text(call: Call, name: string): string {
  const value = call.params[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** A parameter as a whole number; null when absent or something else. */
export function integer(call: Call, name: string): number | null {
  return toInteger(call.params[name]);
}

/** A number, or text that is one. */
export function toInteger(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : null;
}

/** A parameter as Telegram reads booleans in forms: "true", "yes" and "1" are true. */
export function flag(call: Call, name: string): boolean {
  const value = call.params[name];
  return value === true || value === 1 || (typeof value === 'string' && /^(true|yes|1)$/i.test(value));
}

/** A parameter that is JSON in forms and plain in JSON bodies; undefined when absent. */
export function json(call: Call, name: string): unknown {
  const value = call.params[name];
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw badRequest(`can't parse ${name} JSON object`);
  }
}

/** A value when it is text; else nothing. */
export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
