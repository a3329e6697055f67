import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';

/** One of our own programs that runs as a child. */
export interface Program {
  readonly name: string;
  /** Folder below the repository's root. */
  readonly folder: string;
}

/** Our services in the local environment. */
export const SERVICES: readonly Program[] = [
  { name: 'simulator', folder: 'services/simulator' },
  { name: 'operator', folder: 'operator' },
  { name: 'ingress', folder: 'services/ingress' },
  { name: 'executor', folder: 'services/executor' },
  { name: 'delivery', folder: 'services/delivery' },
  { name: 'api', folder: 'services/api' },
];

export const RUNTIME: Program = { name: 'runtime', folder: 'services/runtime' };

export function entryPoint(program: Program): string {
  return join(ROOT, program.folder, 'dist/main.js');
}

/** `absent`: it has no source; `unbuilt`: it has one, but nobody built it. */
export function programState(program: Program): 'built' | 'unbuilt' | 'absent' {
  if (existsSync(entryPoint(program))) return 'built';
  return existsSync(join(ROOT, program.folder, 'src/main.ts')) ? 'unbuilt' : 'absent';
}

/**
 * Changes when the built code of a program or of any library changed. Nx and tsc leave the files of an
 * unchanged package alone, so times of change are enough.
 */
export function buildFingerprint(program: Program): string {
  const folders = [program.folder, ...readdirSync(join(ROOT, 'libs')).map((name) => `libs/${name}`)];
  return folders.map((folder) => newestChange(join(ROOT, folder, 'dist'))).join('-');
}

function newestChange(folder: string): number {
  if (!existsSync(folder)) return 0;
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.js')) {
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
    }
  }
  return Math.round(newest);
}
