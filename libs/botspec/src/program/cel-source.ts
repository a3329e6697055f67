/** Same lengths as what they replace, so that positions in errors stay right. */
const SAVED = '_set_';
const MATCHES = '_match_';

export interface CelToken {
  kind: 'name' | 'string' | 'other';
  text: string;
  at: number;
}

const TOKEN = /[rRbB]{0,2}("""[^]*?"""|'''[^]*?''')|[rR]("[^"\n]*"|'[^'\n]*')|[bB]?("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|[A-Za-z_][A-Za-z0-9_]*|[^\s]/g;

/** Splits an expression into names, strings and single characters; numbers come as characters, which is all that is needed here. */
export function celTokens(source: string): CelToken[] {
  return [...source.matchAll(TOKEN)]
    .filter((match) => !match[0].startsWith('//'))
    .map((match) => ({
      kind: match[1] !== undefined || match[2] !== undefined || match[3] !== undefined ? 'string' : /^[A-Za-z_]/.test(match[0]) ? 'name' : 'other',
      text: match[0],
      at: match.index,
    }));
}

/** Paths that begin with one of `roots`, dotted or indexed by a constant: [['state', 'size'], …]. */
export function celPaths(source: string, roots: readonly string[]): string[][] {
  const tokens = celTokens(source);
  const paths: string[][] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== 'name' || !roots.includes(token.text) || tokens[i - 1]?.text === '.') return;
    paths.push([token.text, ...dottedAfter(tokens, i), ...indexAfter(tokens, i)]);
  });
  return paths;
}

/** Names after `.`, up to a call. */
function dottedAfter(tokens: CelToken[], at: number): string[] {
  const names: string[] = [];
  for (let j = at + 1; tokens[j]?.text === '.' && tokens[j + 1]?.kind === 'name' && tokens[j + 2]?.text !== '('; j += 2) names.push(tokens[j + 1]?.text ?? '');
  return names;
}

/** The constant in `["name"]`. */
function indexAfter(tokens: CelToken[], at: number): string[] {
  const index = tokens[at + 2];
  return tokens[at + 1]?.text === '[' && index?.kind === 'string' && tokens[at + 3]?.text === ']' ? [index.text.replace(/^["']|["']$/g, '')] : [];
}

/** Constant patterns given to `matches`, as literals. */
export function matchPatterns(source: string): string[] {
  const tokens = celTokens(source);
  return tokens.flatMap((token, i) => (token.text === 'matches' && tokens[i - 1]?.text === '.' && tokens[i + 1]?.text === '(' && tokens[i + 2]?.kind === 'string' && tokens[i + 3]?.text === ')' ? [tokens[i + 2]?.text ?? ''] : []));
}

/** Whether the expression uses names that only the rewriting below may use. */
export function usesReservedNames(source: string): boolean {
  return celTokens(source).some((token) => token.kind === 'name' && (token.text === SAVED || token.text === MATCHES));
}

/**
 * `has(state.k)` must tell whether k is saved while `state.k` reads an empty value, and `matches` must be linear:
 * the library has one meaning for the first and a backtracking engine for the second, so both get names of their own.
 */
export function rewriteCel(source: string): string {
  const tokens = celTokens(source);
  let result = source;
  const replace = (at: number, text: string): void => {
    result = result.slice(0, at) + text + result.slice(at + text.length);
  };
  tokens.forEach((token, i) => {
    const next = (n: number): string => tokens[i + n]?.text ?? '';
    if (token.text === 'matches' && tokens[i - 1]?.text === '.' && next(1) === '(') replace(token.at, MATCHES);
    const isHas = token.text === 'has' && next(1) === '(' && next(2) === 'state' && next(3) === '.' && next(5) === ')';
    if (isHas) replace(tokens[i + 2]?.at ?? 0, SAVED);
  });
  return result;
}
