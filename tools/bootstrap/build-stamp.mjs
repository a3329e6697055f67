// Whether anything changed since the last complete build. Asking Nx takes seconds, looking at the files does not.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const stampFile = join(root, 'node_modules/.botplane-built');
const SOURCES = ['libs', 'services', 'operator', 'tools', 'e2e', 'bench', 'chaos', 'proto', 'prisma', 'crds'];
const ROOT_FILES = ['package-lock.json', 'tsconfig.base.json', 'nx.json'];
const SKIPPED = new Set(['node_modules', 'test', '.nx']);

export function isBuildCurrent() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint();
}

export function markBuilt() {
  writeFileSync(stampFile, fingerprint());
}

/** Names, sizes and times of change of all sources and of what was built from them. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const name of ROOT_FILES) addFile(hash, join(root, name));
  for (const name of SOURCES) addFolder(hash, join(root, name));
  return hash.digest('hex');
}

function addFolder(hash, folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) addFolder(hash, path);
    else if (entry.isFile() && !/\.(md|test\.tsx?)$/.test(entry.name)) addFile(hash, path);
  }
}

function addFile(hash, path) {
  const { size, mtimeMs } = statSync(path);
  hash.update(`${path}\0${size}\0${mtimeMs}\n`);
}
