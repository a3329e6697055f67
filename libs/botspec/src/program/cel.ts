import { Environment } from '@marcbachmann/cel-js';
import type { ParseResult } from '@marcbachmann/cel-js';
import type { StateKeyProgram, StateType } from './program.ts';
import { rewriteCel } from './cel-source.ts';
import { regexFinds } from './regex.ts';

const LIMITS = { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 16 };
const CEL_TYPE: { readonly [type in StateType]: string } = { string: 'string', integer: 'int', number: 'double', boolean: 'bool', object: 'map', array: 'list' };

/** Fields of `context` and their types. */
export const CONTEXT_TYPES = {
  update_id: 'int', user: 'map', chat: 'map', message: 'map', locale: 'string', now: 'google.protobuf.Timestamp', revision: 'string',
  bot: 'map', values: 'dyn', error: 'map', args: 'string', start: 'string',
} as const;

/** `map`: where `response` exists as well. */
export type CelScope = 'step' | 'map';

/** The expressions of one spec: checked against its declared state, and evaluated. */
export class Expressions {
  readonly #state: { readonly [key: string]: StateKeyProgram };
  /** Made when first needed: an isolate that never evaluates should not pay for them. */
  readonly #environments = new Map<CelScope, Environment>();
  readonly #parsed = new Map<string, ParseResult>();

  constructor(state: { readonly [key: string]: StateKeyProgram }) {
    this.#state = state;
  }

  #environment(scope: CelScope): Environment {
    let env = this.#environments.get(scope);
    if (!env) {
      env = environment(this.#state);
      if (scope === 'map') env.registerVariable('response', { schema: { status: 'double', headers: 'map', body: 'dyn' } });
      this.#environments.set(scope, env);
    }
    return env;
  }

  /** Type of the result, or what is wrong. */
  check(source: string, scope: CelScope = 'step'): { type: string } | { problem: string } {
    const result = this.#environment(scope).check(rewriteCel(source));
    if (result.valid) return { type: result.type ?? 'dyn' };
    const error = result.error as (Error & { summary?: string }) | undefined;
    return { problem: (error?.summary ?? error?.message ?? 'not an expression').replaceAll('_set_', 'state').replaceAll('_match_', 'matches') };
  }

  /** Evaluates; throws what the library throws. */
  evaluate(source: string, variables: { [name: string]: unknown }, scope: CelScope = 'step'): unknown {
    const key = `${scope}:${source}`;
    let parsed = this.#parsed.get(key);
    if (!parsed) {
      parsed = this.#environment(scope).parse(rewriteCel(source));
      this.#parsed.set(key, parsed);
    }
    return parsed(variables) as unknown;
  }
}

let shared: Environment | undefined;

/**
 * Makes once what the environments of all bots have in common, which is most of the work. For an engine that is kept evaluated and serves one bot
 * at a time: the library remembers the types of every environment that grew from a shared one, so a compiler of many specs must not call this.
 */
export function prepareExpressions(): void {
  shared ??= commonEnvironment();
}

function environment(state: { readonly [key: string]: StateKeyProgram }): Environment {
  const env = shared?.clone() ?? commonEnvironment();
  const schema = Object.fromEntries(Object.entries(state).map(([key, { type }]) => [key, CEL_TYPE[type]]));
  return env.registerVariable('state', Object.keys(schema).length > 0 ? { schema } : { type: 'map' });
}

function commonEnvironment(): Environment {
  const env = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS });
  registerMixedNumbers(env);
  env.registerFunction('string._match_(string): bool', (text: string, pattern: string) => regexFinds(pattern, text));
  env.registerVariable('_set_', { type: 'map' });
  env.registerVariable('context', { schema: { ...CONTEXT_TYPES } });
  return env.registerVariable('input', { schema: { text: 'string', kind: 'string', value: 'dyn' } });
}

/** Plain CEL refuses int with double. */
function registerMixedNumbers(env: Environment): void {
  const operators: { [operator: string]: (a: number, b: number) => number } = {
    '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b,
  };
  for (const [operator, apply] of Object.entries(operators)) {
    for (const [left, right] of [['int', 'double'], ['double', 'int']]) {
      env.registerOperator(`${left} ${operator} ${right}: double`, (a: bigint | number, b: bigint | number) => apply(Number(a), Number(b)));
    }
  }
  env.registerOperator('double % double: double', (a: number, b: number) => a % b);
  env.registerOperator('int == double: bool', (a: bigint, b: number) => Number(a) === b);
}
