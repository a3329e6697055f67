import { compileManifest } from '@botplane/botspec';
import type { BotSpec, CompileResult } from '@botplane/botspec';
import type { Io } from './io.ts';
import { findingLine } from './report.ts';

/** A spec that compiles. */
export interface LoadedSpec {
  title: string;
  name: string | undefined;
  spec: BotSpec;
  program: Extract<CompileResult, { ok: true }>['program'];
}

/** The specs of a file; undefined, with every error reported, when one does not compile. */
export function loadSpecs(file: string, io: Io): LoadedSpec[] | undefined {
  const found = compileManifest(io.readFile(file));
  const loaded: LoadedSpec[] = [];
  for (const { title, name, spec, result } of found) {
    if (result.ok) loaded.push({ title, name, spec: spec as BotSpec, program: result.program });
    else for (const error of result.errors) io.err(findingLine(file, 'error', error));
  }
  return loaded.length === found.length ? loaded : undefined;
}

/** The only spec of a file. */
export function loadSpec(file: string | undefined, command: string, io: Io): LoadedSpec | undefined {
  if (file === undefined) throw new Error(`${command} needs a file`);
  const loaded = loadSpecs(file, io);
  if (loaded && loaded.length > 1) throw new Error(`${file} holds ${loaded.length} specs; ${command} takes one`);
  return loaded?.[0];
}
