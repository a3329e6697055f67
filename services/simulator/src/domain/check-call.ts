import { badRequest } from './api-error.ts';
import { checkValue } from './check-value.ts';
import type { SchemaField, SchemaMethod, SchemaType } from './schema.ts';
import { schemaNamed } from './schema.ts';

/** What Telegram says when a parameter is missing that every call of the method needs; else `<name> is empty`. */
const MISSING: Readonly<Record<string, string>> = {
  from_chat_id: 'chat_id is empty', text: 'message text is empty', user_id: 'invalid user_id specified',
  message_id: 'message identifier is not specified', message_ids: 'message identifiers are not specified',
  callback_query_id: 'query is too old and response timeout expired or query ID is invalid',
  inline_query_id: 'query is too old and response timeout expired or query ID is invalid',
  file_id: 'file_id not specified', action: 'wrong parameter action in request', permissions: "can't parse permissions JSON object",
  commands: "can't parse commands JSON object", media: "can't parse media JSON object", options: "can't parse options JSON object", question: 'poll question must be non-empty',
};

/** Words for a parameter that is none of its possible values; else `wrong parameter <name> in request`. */
const UNKNOWN_VALUE: Readonly<Record<string, string>> = { parse_mode: 'unsupported parse_mode', emoji: 'wrong dice emoji specified', currency: 'CURRENCY_INVALID' };

/**
 * Parameters that a method reads itself, with words of Telegram's own. They need no check here: keyboards, a parse mode in
 * any case, an empty address that removes the webhook, ids of queries that may be anything.
 */
const READ_BY_METHOD: ReadonlySet<string> = new Set(['reply_markup', 'parse_mode', 'question_parse_mode', 'explanation_parse_mode', 'text_parse_mode', 'url', 'shipping_options', 'prices', 'results', 'action', 'payload', 'title', 'description']);

type Check = (value: unknown, isUploaded: boolean) => string | null;

interface CompiledParam {
  name: string;
  /** The refusal when it is missing; null when it may be. */
  missing: string | null;
  check: Check | null;
}

const compiled = new WeakMap<SchemaMethod, CompiledParam[]>();

/** Checks the parameters of a call against the schema; throws Telegram's 400. Parameters that the schema does not know are ignored. */
export function checkCall(method: SchemaMethod, params: Readonly<Record<string, unknown>>, uploads: readonly { field: string }[]): void {
  let list = compiled.get(method);
  if (!list) compiled.set(method, (list = method.params.map(compileParam)));
  for (const { name, missing, check } of list) {
    const value = params[name];
    const isUploaded = uploads.some(({ field }) => field === name);
    if ((value === undefined || value === null || value === '') && !isUploaded) {
      if (missing !== null) throw badRequest(missing);
      continue;
    }
    const problem = check?.(value, isUploaded) ?? null;
    if (problem !== null) throw badRequest(problem);
  }
}

function compileParam({ name, isRequired, type }: SchemaField): CompiledParam {
  const files = holdsFile(type);
  const missing = MISSING[name] ?? (files ? `there is no ${name} in the request` : `${name} is empty`);
  const isRead = READ_BY_METHOD.has(name);
  return { name, missing: isRequired && !isRead ? missing : null, check: isRead ? null : checkOf(name, type) };
}

function checkOf(name: string, type: SchemaType): Check {
  const flat = flatten(type);
  const kinds = new Set(flat.map((one) => one.kind));
  if (kinds.has('file')) return fileCheck(name, kinds.has('str'));
  if (kinds.has('array') || kinds.has('ref')) return jsonCheck(name, type);
  if (kinds.has('str')) return (value) => (typeof value === 'object' ? `field "${name}" must be of type String` : null);
  // Telegram takes any text for a boolean; what it does not know is false.
  if (kinds.has('bool')) return (value) => (typeof value === 'object' ? `field "${name}" must be of type Boolean` : null);
  if (kinds.has('num')) return (value) => (isNumeric(value) ? null : `invalid ${name} specified`);
  return literalCheck(name, flat);
}

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^[+-]?\d+(\.\d+)?$/.test(value.trim()));

function fileCheck(name: string, isTextToo: boolean): Check {
  return (value, isUploaded) => {
    if (isUploaded || (typeof value === 'string' && (isTextToo || value.startsWith('attach://')))) return null;
    return isTextToo ? 'wrong file identifier/HTTP URL specified' : `there is no ${name} in the request`;
  };
}

function literalCheck(name: string, flat: readonly SchemaType[]): Check {
  const values = new Set(flat.map((one) => (one.kind === 'literal' ? String(one.value) : '')));
  const words = UNKNOWN_VALUE[name] ?? `wrong parameter ${name} in request`;
  return (value) => (values.has(String(value)) ? null : words);
}

/** Objects and lists come as JSON text in forms and as they are in JSON bodies. */
function jsonCheck(name: string, type: SchemaType): Check {
  return (value) => {
    let read = value;
    if (typeof value === 'string') {
      try {
        read = JSON.parse(value) as unknown;
      } catch {
        return `can't parse ${name} JSON object`;
      }
    }
    const problem = checkValue(read, type, name);
    if (!problem) return null;
    return /^[A-Z]/.test(problem.what) ? `can't parse ${problem.what}: ${problem.why}` : `field "${problem.what}" ${problem.why}`;
  };
}

/** The members of a union, with names replaced by what they stand for unless that is an object. */
function flatten(type: SchemaType): SchemaType[] {
  if (type.kind === 'union') return type.of.flatMap(flatten);
  if (type.kind !== 'ref') return [type];
  const target = schemaNamed(type.name);
  return target.kind === 'alias' ? flatten(target.type) : [type];
}

const holdsFile = (type: SchemaType): boolean => flatten(type).some((one) => one.kind === 'file');
