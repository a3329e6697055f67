import { lstatSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Entries looked at for suggestions. */
const LISTED_MAX = 2_000;

export const isFolder = (path: string): boolean => statSync(path).isDirectory();

/** A plain file below a folder: no link on the way there may lead elsewhere. */
export function readBelow(folder: string, path: string): Uint8Array | undefined {
  try {
    const root = realpathSync(folder);
    const full = join(root, path);
    return full.startsWith(root + sep) && realpathSync(full) === full && lstatSync(full).isFile() ? readFileSync(full) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Paths of files below a folder, with `/`; hidden folders and node_modules are passed over. */
export function listBelow(folder: string): string[] {
  const found: string[] = [];
  const waiting = [folder];
  for (let at = waiting.pop(); at !== undefined && found.length < LISTED_MAX; at = waiting.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') waiting.push(join(at, entry.name));
      else if (entry.isFile()) found.push(relative(folder, join(at, entry.name)));
    }
  }
  return found;
}
