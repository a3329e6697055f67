// Writes values, schemas and tables of the charts; run by `make generate`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { generateFiles } from '../src/generate.ts';

const root = join(import.meta.dirname, '../../..');

for (const { path, text } of generateFiles(readFileSync(join(root, 'charts/botplane/README.md'), 'utf8'))) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  writeFileSync(file, text);
  process.stdout.write(`wrote ${relative(root, file)}\n`);
}
