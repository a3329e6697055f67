import type { StoredFile } from '@botplane/contracts';
import { Expressions, CONTEXT_TYPES } from '../program/cel.ts';
import type { CelScope } from '../program/cel.ts';
import { celPaths, matchPatterns, usesReservedNames } from '../program/cel-source.ts';
import type { Program, StateKeyProgram, StateType } from '../program/program.ts';
import { regexProblem } from '../program/regex.ts';
import { LIMITS } from '../schema/limits.ts';
import type { Diagnostics } from './diagnostics.ts';
import { FlowIndex } from './flow-index.ts';
import { isRecord } from './structure.ts';
import { listOf, recordOf, textOf } from './raw.ts';
import type { Raw } from './raw.ts';
import type { Bundle, CompileOptions } from './result.ts';
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
  /** Files of the bundle that messages send, by path. */
  readonly usedFiles = new Map<string, StoredFile>();
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
  readonly bundle: Bundle | undefined;

  constructor(spec: Raw, state: { readonly [key: string]: StateKeyProgram }, out: Diagnostics, options: Pick<CompileOptions, 'secretNames' | 'bundle'> = {}) {
    this.spec = spec;
    this.state = state;
    this.out = out;
    this.secretNames = options.secretNames;
    this.bundle = options.bundle;
    this.flows = new FlowIndex(spec, out);
    this.expressions = new Expressions(state);
    const meta = recordOf(spec['meta']);
    this.locales = listOf(meta['locales']).filter((locale) => typeof locale === 'string');
    const wanted = textOf(meta['defaultLocale']);
    // A default that is not spoken is reported once; texts are then looked for where they can be.
    this.defaultLocale = (wanted !== undefined && this.speaks(wanted) ? wanted : this.locales[0]) ?? 'en';
  }

  /** Declared type of a state key; undefined for none, and for one whose declaration is wrong. */
  typeOf(key: string): StateType | undefined {
    return Object.hasOwn(this.state, key) && !this.#isBroken(key) ? this.state[key]?.type : undefined;
  }

  #isBroken(key: string): boolean {
    return this.out.hasErrorWithin(`state.${key}`);
  }

  /** Whether a language is spoken; what is wrong with meta.locales itself is reported there. */
  speaks(locale: string): boolean {
    return this.locales.includes(locale) || this.locales.length === 0 || this.out.hasErrorWithin('meta.locales');
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
    if (inside && !this.#isBroken(key) && declared.type !== 'object' && declared.type !== 'array') {
      this.out.error({ code: 'unknown_field', path, found, message: `state key \`${key}\` is ${declared.type} and has no fields`, remedy: `use state.${key}, or declare it as object` });
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
    const paths = celPaths(source, ['state', 'context']);
    const good = paths.map((parts) => this.checkPath(parts, path, source)).every(Boolean);
    if (!good || paths.some(([root, key]) => root === 'state' && key !== undefined && this.#isBroken(key))) return source;
    const result = this.expressions.check(source, scope);
    if ('problem' in result) out.error({ code: 'bad_expression', path, found: source, message: `\`${source}\`: ${result.problem}`, remedy: remedyFor(result.problem) });
    else if (this.#badPattern(source, path)) return source;
    else if (wanted && !fits(result.type, wanted)) {
      out.error({ code: 'type_mismatch', path, found: source, message: `\`${source}\` is ${result.type}, but ${wanted === 'bool' ? 'true or false' : wanted.replaceAll('-', ' ')} is needed`, remedy: wanted === 'bool' ? 'compare it: … == …, … > …, has(…)' : wanted === 'string' ? 'convert it: string(…)' : `an expression that gives ${wanted.replaceAll('-', ' ')}` });
    }
    return source;
  }

  /** Patterns of `matches` that stand in the expression itself are checked like those of `validate`. */
  #badPattern(source: string, path: string): boolean {
    for (const literal of matchPatterns(source)) {
      const pattern = this.expressions.evaluate(literal, {});
      const problem = typeof pattern === 'string' ? regexProblem(pattern) : undefined;
      if (problem === undefined) continue;
      this.out.error({ code: 'bad_regex', path, found: source, message: problem, remedy: 'RE2 syntax: no lookaround, no backreferences' });
      return true;
    }
    return false;
  }

  /** A `when`: always CEL, without the prefix. */
  condition(value: unknown, path: string): string {
    const source = textOf(value) ?? '';
    if (source.startsWith('= ')) this.out.error({ code: 'prefixed_when', path, found: source, message: '`when` is always an expression', remedy: 'leave out the leading "= "' });
    else this.expression(source, path, 'bool');
    return source;
  }
}

function remedyFor(problem: string): string {
  if (/no such overload/.test(problem)) return 'bring both sides to one type: string(…), int(…), double(…)';
  if (/no matching overload|Unknown variable/i.test(problem)) return 'CEL has size, has, string, int, double, matches, contains, startsWith, endsWith; variables are state, context and input';
  return 'an expression in CEL, e.g. state.total > 3 && has(state.name)';
}

function fits(type: string, wanted: StateType | 'bool' | 'number-or-text' | 'list'): boolean {
  if (type === 'dyn' || type.startsWith('dyn<')) return true;
  if (wanted === 'bool') return type === 'bool';
  if (wanted === 'list') return type.startsWith('list');
  if (wanted === 'number-or-text') return /^(int|uint|double|string)$/.test(type);
  return type === 'null' || FITTING[wanted].test(type);
}
