import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

/** What kubectl said about each file of a folder: undefined when the object was taken. */
export type Refusals = ReadonlyMap<string, string>;

/** Writes one manifest per file; the files are called after the keys. */
export function writeFolder(folder: string, manifests: ReadonlyMap<string, string>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of manifests) writeFileSync(join(folder, `${name}.yaml`), text);
  return folder;
}

/** `kubectl apply -f FOLDER`: one run that goes on after errors and tells each with its file. */
export async function applyFolder(world: World, folder: string, ...flags: string[]): Promise<Refusals> {
  const { out } = await world.kubectl(['apply', '-f', folder, ...flags]);
  const refusals = new Map<string, string>();
  // Files that are no YAML come in one list; each of the others begins with `Error from server`.
  const [unreadable = '', ...refused] = out.split(/^Error from server /m);
  for (const [, name = '', problem = ''] of unreadable.matchAll(/error parsing \S*\/([^/\s]+)\.yaml: (.*?)(?=, error parsing |\]?$)/gms)) refusals.set(name, problem);
  for (const text of refused) {
    const [, name, problem] = /^\(\w+\): error when \w+ "\S*\/([^/\s]+)\.yaml": (.*)$/s.exec(text) ?? [];
    if (name === undefined || problem === undefined) throw new Error(`kubectl said: ${text}`);
    refusals.set(name, problem.trimEnd());
  }
  return refusals;
}
