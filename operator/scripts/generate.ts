// Writes what is generated from operator/src/crds; run by `make generate`. With --check it only reports what differs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { generateFiles } from '../src/crds/generate.ts';

const root = join(import.meta.dirname, '../..');
const check = process.argv.includes('--check');
let different = 0;

for (const { path, text } of generateFiles()) {
  const file = join(root, path);
  const current = readCurrent(file);
  if (current === text) continue;
  different += 1;
  process.stdout.write(`${check ? 'differs' : 'wrote'} ${relative(root, file)}\n`);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
if (check && different > 0) process.exit(1);

function readCurrent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
