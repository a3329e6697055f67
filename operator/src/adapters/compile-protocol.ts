import type { BundleFile, UsedFile } from '@botplane/botspec';
import type { ArtefactFile, RevisionPassport } from '@botplane/contracts';

/** The spec; the text of a ConfigMap that holds it; bot.yaml of a bundle, with what else stands in that; or, for its tests, spec.json of a revision. */
export type SpecSource = { botSpec: Record<string, unknown> } | { text: string } | { bundled: string; files: ReadonlyMap<string, BundleFile> } | { published: string };

/** One compile. */
export interface CompileJob {
  botId: string;
  source: SpecSource;
  /** Names of secretRefs. */
  secretNames: string[];
  limits: { memoryMiB?: number; cpuMs?: number };
  /** Runs the `tests` of the spec instead of making artefacts. */
  testsOnly?: true;
}

/** One finding of the compiler, as a line for people. */
export interface Finding {
  code: string;
  path: string;
  message: string;
  remedy?: string;
}

export type CompileAnswer =
  | { kind: 'compiled'; passport: RevisionPassport; warnings: Finding[]; media: UsedFile[]; files: Record<ArtefactFile, Uint8Array<ArrayBuffer>> }
  /** The author can mend it. */
  | { kind: 'invalid'; errors: Finding[] }
  /** What came out does not pass the preflight. */
  | { kind: 'refused'; problems: string[] }
  /** The compiler itself failed. */
  | { kind: 'broken'; message: string };

/** What the `tests` of a spec came to. */
export type TestAnswer = { kind: 'tested'; count: number; /** One line each. */ failures: string[] } | Extract<CompileAnswer, { kind: 'invalid' | 'broken' }>;
