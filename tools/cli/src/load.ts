import { dirname, join } from 'node:path';
import { BUNDLE_SPEC_FILE, compileManifest } from '@botplane/botspec';
import type { BotSpec, CompileResult, FoundSpec } from '@botplane/botspec';
import { FolderFiles } from './folder-files.ts';
import type { Io } from './io.ts';
import { findingLine } from './report.ts';

/** A spec that compiles. */
export interface LoadedSpec {
  title: string;
  name: string | undefined;
  spec: BotSpec;
  program: Extract<CompileResult, { ok: true }>['program'];
  /** Where what it names as ./path lies. */
  folder: string;
  /** What it names as ./path. */
  files: Extract<CompileResult, { ok: true }>['files'];
}

/** Every spec that a path leads to: those of a file, or that of a folder that is a bundle. */
export function findSpecs(path: string, io: Io): { file: string; folder: string; found: FoundSpec[] } {
  const packed = path !== '-' && io.isFolder(path);
  const file = packed ? join(path, BUNDLE_SPEC_FILE) : path;
  const folder = packed ? path : dirname(path);
  return { file, folder, found: compileManifest(io.readFile(file), { packed, ...(path === '-' ? {} : { files: new FolderFiles(folder, io) }) }) };
}

/** The specs of a file; undefined, with every error reported, when one does not compile. */
export function loadSpecs(path: string, io: Io): LoadedSpec[] | undefined {
  const { file, folder, found } = findSpecs(path, io);
  const loaded: LoadedSpec[] = [];
  for (const { title, name, spec, result } of found) {
    if (result.ok) loaded.push({ title, name, spec: spec as BotSpec, program: result.program, folder, files: result.files });
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
