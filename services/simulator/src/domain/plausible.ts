import type { SchemaField, SchemaType } from './schema.ts';
import { schemaNamed } from './schema.ts';

/** What a made-up answer may draw on. */
export interface PlausibleContext {
  /** Parameters of the call: a field of the same name and type takes its value. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
}

/** Objects may hold themselves; beyond this depth lists are empty and the first, smallest kind is taken. */
const DEPTH_MAX = 6;

/** Makes a value of a type: what is required and no more, so that every client can read it. */
export function plausibleValue(type: SchemaType, context: PlausibleContext, field = '', depth = 0): unknown {
  switch (type.kind) {
    case 'str': case 'file': return textFor(field, context);
    case 'num': return numberFor(field, context);
    case 'bool': return typeof context.params[field] === 'boolean' ? context.params[field] : false;
    case 'literal': return type.value;
    case 'array': return [];
    case 'union': return plausibleValue(best(type.of), context, field, depth);
    case 'ref': return plausibleNamed(type.name, context, field, depth);
  }
}

/** Makes an object by its name, with what is known already on top. */
export function plausibleObject(name: string, context: PlausibleContext, known: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { ...(plausibleNamed(name, context, '', 0) as Record<string, unknown>), ...known };
}

/** `true` before anything else: that is how Telegram says that there is nothing to show. */
function best(of: readonly SchemaType[]): SchemaType {
  const isTrue = (type: SchemaType): boolean => type.kind === 'literal' && type.value === true;
  return of.find(isTrue) ?? of[0] ?? { kind: 'literal', value: true };
}

function plausibleNamed(name: string, context: PlausibleContext, field: string, depth: number): unknown {
  const target = schemaNamed(name);
  if (target.kind === 'alias') return plausibleValue(target.type, context, field, depth);
  if (name === 'User') return userFor(context);
  if (name === 'Chat') return chatFor(context);
  const made: Record<string, unknown> = {};
  for (const one of target.fields) if (one.isRequired) made[one.name] = plausibleField(one, context, depth);
  return made;
}

function plausibleField(field: SchemaField, context: PlausibleContext, depth: number): unknown {
  if (depth > DEPTH_MAX) throw new Error(`the schema nests deeper than ${DEPTH_MAX} at ${field.name}`);
  return plausibleValue(field.type, context, field.name, depth + 1);
}

function userFor({ params }: PlausibleContext): object {
  const id = Number(params['user_id']);
  return Number.isSafeInteger(id) && id > 0 ? { id, is_bot: false, first_name: `User ${id}` } : { id: 777000, is_bot: false, first_name: 'Telegram' };
}

function chatFor({ params }: PlausibleContext): object {
  const id = Number(params['chat_id'] ?? params['user_id']);
  if (Number.isSafeInteger(id) && id < 0) return { id, type: 'supergroup', title: `Chat ${id}` };
  return { id: Number.isSafeInteger(id) && id > 0 ? id : 777000, type: 'private', first_name: 'Somebody' };
}

function textFor(field: string, { params }: PlausibleContext): string {
  const given = params[field];
  if (typeof given === 'string' && given !== '') return given;
  if (/(^|_)(id|token|link|hash)$/.test(field) || field === '') return `sim${crypto.randomUUID().replaceAll('-', '')}`;
  return field;
}

function numberFor(field: string, { params, nowMs }: PlausibleContext): number {
  const given = Number(params[field] ?? Number.NaN);
  if (Number.isFinite(given)) return given;
  if (/(^|_)date$/.test(field)) return Math.floor(nowMs / 1000);
  return field === 'id' || field.endsWith('_id') ? 1 + Math.floor(Math.random() * 2_000_000_000) : 0;
}
