import type { ArtefactFile, RevisionPassport } from '@botplane/contracts';

/** One compile. */
export interface CompileJob {
  botId: string;
  /** The spec, or the text of a ConfigMap that holds it. */
  source: { botSpec: Record<string, unknown> } | { text: string };
  /** Names of secretRefs. */
  secretNames: string[];
  limits: { memoryMiB?: number; cpuMs?: number };
}

/** One finding of the compiler, as a line for people. */
export interface Finding {
  code: string;
  path: string;
  message: string;
  remedy?: string;
}

export type CompileAnswer =
  | { kind: 'compiled'; passport: RevisionPassport; warnings: Finding[]; files: Record<ArtefactFile, Uint8Array<ArrayBuffer>> }
  /** The author can mend it. */
  | { kind: 'invalid'; errors: Finding[] }
  /** What came out does not pass the preflight. */
  | { kind: 'refused'; problems: string[] }
  /** The compiler itself failed. */
  | { kind: 'broken'; message: string };
