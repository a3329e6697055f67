import { RE2JS } from 're2js';

const cache = new Map<string, RE2JS>();
const CACHED_MAX = 200;

/** Compiles an author's expression; linear time, so no lookaround and no backreferences. Throws when it is none. */
export function compileRegex(pattern: string): RE2JS {
  const known = cache.get(pattern);
  if (known) return known;
  const compiled = RE2JS.compile(pattern);
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(pattern, compiled);
  return compiled;
}

/** Whether the expression is found anywhere in the text. */
export function regexFinds(pattern: string, text: string): boolean {
  return compileRegex(pattern).matcher(text).find();
}

/** What is wrong with an expression, or undefined. */
export function regexProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
