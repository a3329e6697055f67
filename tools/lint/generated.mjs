// `make lint`: generated files must be what `make generate` makes. Runs it and compares all files before and after.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const before = snapshot();
execFileSync('make', ['--no-print-directory', 'generate'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const after = snapshot();
const changed = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));
if (changed.length > 0) {
  console.error(`✗ generated files were not up to date (they are now, commit them):\n${changed.join('\n')}`);
  process.exit(1);
}

/** Hashes of all files that Git knows or would know. */
function snapshot() {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const paths = output.toString().split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  return new Map(paths.map((path) => [path, createHash('sha1').update(readFileSync(join(root, path))).digest('hex')]));
}
