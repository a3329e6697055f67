import { Script } from 'node:vm';
import { engineRange } from '@botplane/contracts';
import type { ArtefactFile, RevisionPassport } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { CODE_BYTES_MAX } from '../limits.ts';

/**
 * Looks at artefacts before anyone runs them: sizes, hashes, the engine, and that bot.js is one classic script that parses (so no import, export or top-level
 * await). Nothing is run. Returns what is wrong.
 */
export function preflight(files: Record<ArtefactFile, Uint8Array>, passport: RevisionPassport): string[] {
  const problems: string[] = [];
  const code = files['bot.js'];
  if (code.byteLength > CODE_BYTES_MAX) problems.push(`bot.js has ${code.byteLength} bytes; at most ${CODE_BYTES_MAX} are allowed`);
  for (const name of ['bot.js', 'spec.json'] as const) {
    if (sha256Hex(files[name]) !== passport.files[name].sha256 || files[name].byteLength !== passport.files[name].bytes) problems.push(`${name} is not what rev.json says`);
  }
  const range = engineRange(code);
  const engine = range && knownEngine(code.subarray(range.start, range.end));
  // A runtime pod evaluates it with fewer bounds than a bot.
  if (engine && engine.sha256 !== passport.compiler.engineSha256) problems.push('the engine in bot.js is not what rev.json says');
  const syntax = engine?.syntax ?? syntaxError(textOf(code.subarray(range?.end ?? 0)));
  if (syntax !== undefined) problems.push(`bot.js does not parse: ${syntax}`);
  return problems;
}

interface KnownEngine {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** Why it does not parse. */
  readonly syntax: string | undefined;
}

let last: KnownEngine | undefined;

/** The engine is the same in all bots of a compiler and most of their text: it is hashed and parsed once, and from then on only compared. */
function knownEngine(bytes: Uint8Array): KnownEngine {
  if (!last || Buffer.compare(last.bytes, bytes) !== 0) last = { bytes: Uint8Array.from(bytes), sha256: sha256Hex(bytes), syntax: syntaxError(textOf(bytes)) };
  return last;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function syntaxError(code: string): string | undefined {
  try {
    void new Script(code, { filename: 'bot.js' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown error';
  }
}
