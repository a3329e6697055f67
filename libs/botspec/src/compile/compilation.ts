import { Expressions, CONTEXT_TYPES } from '../program/cel.ts';
import type { CelScope } from '../program/cel.ts';
import { celPaths, usesReservedNames } from '../program/cel-source.ts';
import type { Program, StateKeyProgram, StateType } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import type { Diagnostics } from './diagnostics.ts';
import { FlowIndex } from './flow-index.ts';
import { isRecord } from './structure.ts';
import { listOf, recordOf, textOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { didYouMean } from './suggest.ts';

const USER_FIELDS = ['id', 'is_bot', 'first_name', 'last_name', 'username', 'language_code', 'is_premium', 'added_to_attachment_menu'];
const CHAT_FIELDS = ['id', 'type', 'title', 'username', 'first_name', 'last_name', 'is_forum', 'is_direct_messages'];
const FIELDS: { readonly [field: string]: readonly string[] } = { user: USER_FIELDS, chat: CHAT_FIELDS, bot: ['id', 'username'], error: ['code', 'status'] };
const OBJECT_FIELDS = new Set(['user', 'chat', 'message', 'bot', 'values', 'error']);

/** CEL types that may be saved to a declared type; `dyn` is decided when the step runs. */
const FITTING: { readonly [type in StateType]: RegExp } = {
  string: /^string$/, integer: /^(int|double|uint)$/, number: /^(int|double|uint)$/, boolean: /^bool$/, object: /^(map|state|context)/, array: /^list/,
};

/** What all parts of the second pass share. */
export class Compilation {
  readonly usedState = new Set<string>();
  readonly usedTexts = new Set<string>();
  readonly flows: FlowIndex;
  readonly expressions: Expressions;
  readonly locales: readonly string[];
  readonly defaultLocale: string;
  readonly answers: Program['answers'] = {};
  readonly keyboardGotos: Program['keyboardGotos'] = [];
  readonly spec: Raw;
  readonly state: { readonly [key: string]: StateKeyProgram };
  readonly out: Diagnostics;
  readonly secretNames: readonly string[] | undefined;

  constructor(spec: Raw, state: { readonly [key: string]: StateKeyProgram }, out: Diagnostics, secretNames?: readonly string[]) {
    this.spec = spec;
    this.state = state;
    this.out = out;
    this.secretNames = secretNames;
    this.flows = new FlowIndex(spec, out);
    this.expressions = new Expressions(state);
    const meta = recordOf(spec['meta']);
    this.locales = listOf(meta['locales']).filter((locale) => typeof locale === 'string');
    this.defaultLocale = textOf(meta['defaultLocale']) ?? this.locales[0] ?? 'en';
  }

  /** Checks a path of a template or an expression: declared state, known context. Returns whether it may stand. */
  checkPath(parts: readonly string[], path: string, found: string): boolean {
    const [root, first, second] = parts;
    if (root === 'state') return first === undefined || this.stateKey(first, path, found, parts.length > 2);
    if (root !== 'context' || first === undefined) return true;
    if (!Object.hasOwn(CONTEXT_TYPES, first)) return this.#unknownField('context', first, Object.keys(CONTEXT_TYPES), path, found);
    if (second === undefined) return true;
    if (!OBJECT_FIELDS.has(first)) return this.#unknownField(`context.${first}`, second, [], path, found);
    const values = this.spec['values'];
    const known = first === 'values' ? (isRecord(values) ? Object.keys(values) : []) : FIELDS[first];
    return !known || known.includes(second) || this.#unknownField(`context.${first}`, second, known, path, found);
  }

  /** Checks that a state key is declared; `inside` means a field of it is read. */
  stateKey(key: string, path: string, found: unknown = key, inside = false): boolean {
    this.usedState.add(key);
    const declared = Object.hasOwn(this.state, key) ? this.state[key] : undefined;
    if (!declared) {
      this.out.error({ code: 'unknown_state_key', path, found, message: `state key \`${key}\` is not declared`, remedy: didYouMean(key, Object.keys(this.state)) ?? `declare it under state: ${key}: { type: string }` });
      return false;
    }
    if (inside && declared.type !== 'object' && declared.type !== 'array') {
      this.out.error({ code: 'unknown_field', path, found, message: `state key \`${key}\` is ${declared.type} and has no fields` });
      return false;
    }
    return true;
  }

  #unknownField(of: string, field: string, known: readonly string[], path: string, found: string): false {
    this.out.error({ code: 'unknown_context_field', path, found, message: `\`${of}\` has no field \`${field}\``, remedy: didYouMean(field, known) ?? (known.length > 0 ? `known: ${known.join(', ')}` : undefined) });
    return false;
  }

  /** Checks an expression; `wanted` is `bool` or the type of the state key it is saved to. */
  expression(source: string, path: string, wanted?: StateType | 'bool' | 'number-or-text' | 'list', scope: CelScope = 'step'): string {
    const { out } = this;
    if (source.length > LIMITS.expressionCharsMax) {
      out.error({ code: 'too_long', path, found: source, message: `an expression has at most ${LIMITS.expressionCharsMax} characters` });
      return source;
    }
    if (usesReservedNames(source)) {
      out.error({ code: 'bad_expression', path, found: source, message: `\`${source}\`: _set_ and _match_ are ours`, remedy: 'use other names' });
      return source;
    }
    const good = celPaths(source, ['state', 'context']).map((parts) => this.checkPath(parts, path, source)).every(Boolean);
    if (!good) return source;
    const result = this.expressions.check(source, scope);
    if ('problem' in result) out.error({ code: 'bad_expression', path, found: source, message: `\`${source}\`: ${result.problem}` });
    else if (wanted && !fits(result.type, wanted)) {
      out.error({ code: 'type_mismatch', path, found: source, message: `\`${source}\` is ${result.type}, but ${wanted === 'bool' ? 'true or false' : wanted.replaceAll('-', ' ')} is needed` });
    }
    return source;
  }

  /** A `when`: always CEL, without the prefix. */
  condition(value: unknown, path: string): string {
    const source = textOf(value) ?? '';
    if (source.startsWith('= ')) this.out.error({ code: 'prefixed_when', path, found: source, message: '`when` is always an expression', remedy: 'leave out the leading "= "' });
    else this.expression(source, path, 'bool');
    return source;
  }
}

function fits(type: string, wanted: StateType | 'bool' | 'number-or-text' | 'list'): boolean {
  if (type === 'dyn' || type.startsWith('dyn<')) return true;
  if (wanted === 'bool') return type === 'bool';
  if (wanted === 'list') return type.startsWith('list');
  if (wanted === 'number-or-text') return /^(int|uint|double|string)$/.test(type);
  return type === 'null' || FITTING[wanted].test(type);
}
