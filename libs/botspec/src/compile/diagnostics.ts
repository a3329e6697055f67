import { LIMITS } from '../schema/limits.ts';
import type { CompileError, SourcePositions } from './result.ts';

const FOUND_CHARS_MAX = 80;

export interface Finding {
  code: string;
  path: string;
  found?: unknown;
  message: string;
  remedy?: string | undefined;
}

/** Collects what the compiler finds. Errors past the limit are dropped; warnings are bounded alike. */
export class Diagnostics {
  readonly errors: CompileError[] = [];
  readonly warnings: CompileError[] = [];
  readonly #positions: SourcePositions | undefined;

  constructor(positions?: SourcePositions) {
    this.#positions = positions;
  }

  error(finding: Finding): void {
    if (this.errors.length < LIMITS.errorsMax) this.errors.push(this.#complete(finding));
  }

  warn(finding: Finding): void {
    if (this.warnings.length < LIMITS.errorsMax) this.warnings.push(this.#complete(finding));
  }

  /** Whether something at or below the path was found wrong: later passes leave such parts alone. */
  hasErrorWithin(path: string): boolean {
    return this.errors.some((error) => error.path === path || error.path.startsWith(`${path}.`) || error.path.startsWith(`${path}[`));
  }

  /** Whether this very place was found wrong already. */
  hasErrorAt(path: string): boolean {
    return this.errors.some((error) => error.path === path);
  }

  #complete({ code, path, found, message, remedy }: Finding): CompileError {
    const position = this.#positionOf(path);
    return { code, path, ...position, found: shorten(found), message, ...(remedy === undefined ? {} : { remedy }) };
  }

  /** A missing key has no place of its own: its parent's is the best there is. */
  #positionOf(path: string): { line: number; column: number } | undefined {
    for (let at = path; ; at = parentOf(at)) {
      const position = this.#positions?.get(at);
      if (position) return { line: position.line, column: position.column };
      if (at === '') return undefined;
    }
  }
}

/** Shorter by at least one character, whatever keys hold. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')));
}

function shorten(found: unknown): string {
  const text = found === undefined ? '' : typeof found === 'string' ? found : (JSON.stringify(found) ?? typeof found);
  return text.length > FOUND_CHARS_MAX ? `${text.slice(0, FOUND_CHARS_MAX - 1)}…` : text;
}

/** `flows.order` + `steps` → `flows.order.steps`; with a number → `steps[2]`. */
export function join(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
