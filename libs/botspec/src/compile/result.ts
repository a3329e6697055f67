import type { StoredFile } from '@botplane/contracts';
import type { Program } from '../program/program.ts';

/** Where a value stands in the source; both count from 1. */
export interface SourcePosition {
  line: number;
  column: number;
}

/** Positions by path (`flows.order.steps[2].validate.regex`), as parseBotSpec gives them. */
export type SourcePositions = ReadonlyMap<string, SourcePosition>;

/** One finding. `code` is stable; the texts are for people. */
export interface CompileError {
  /** e.g. unknown_target, not_supported_yet, type_mismatch. */
  code: string;
  path: string;
  line?: number;
  column?: number;
  /** What stands there, shortened. */
  found: string;
  message: string;
  /** What would fix it. */
  remedy?: string;
}

/** A file that a spec may name, as far as the compiler must know it. */
export interface BundleFile {
  /** SHA-256 of the content, hex. */
  sha256: string;
  bytes: number;
}

/** Where `./path` leads. */
export interface Bundle {
  /** Whose files they become. */
  botId: string;
  /** By path without `./`. */
  files: Pick<ReadonlyMap<string, BundleFile>, 'get' | 'keys'>;
}

export interface CompileOptions {
  positions?: SourcePositions;
  /** Names in the revision's secretRefs; when given, headers may use no other. */
  secretNames?: readonly string[];
  /** Where `./path` leads; without it the spec may name no files. */
  bundle?: Bundle;
}

/** A file of the bundle that the program sends: it must lie in the object store before the program runs. */
export interface UsedFile {
  /** Without `./`. */
  path: string;
  file: StoredFile;
}

/** At most 50 errors (LIMITS.errorsMax), in the order of the document's keys as the schema lists them. */
export type CompileResult =
  | { ok: true; program: Program; files: UsedFile[]; warnings: CompileError[] }
  | { ok: false; errors: CompileError[]; warnings: CompileError[] };
