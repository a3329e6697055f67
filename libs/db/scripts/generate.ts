// Writes src/generated from prisma/schema. `--check` writes nothing and fails when the committed client differs.
// Run: npm run generate -w @botplane/db
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const generated = 'libs/db/src/generated';
const prisma = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js');

function generate(base: string): void {
  // The schema engine is never called for this; naming one keeps Prisma from downloading it.
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [prisma, 'generate', '--schema', join(base, 'prisma/schema')], { env, encoding: 'utf8', cwd: root });
  if (status !== 0) throw new Error(`prisma generate failed: ${stdout}${stderr}`);
}

function readAll(base: string): Map<string, string> {
  const folder = join(base, generated);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map((entry) => join(entry.parentPath, entry.name)).map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]));
}

function check(): void {
  const base = mkdtempSync(join(tmpdir(), 'botplane-prisma-'));
  try {
    cpSync(join(root, 'prisma/schema'), join(base, 'prisma/schema'), { recursive: true });
    generate(base);
    const [wanted, committed] = [readAll(base), readAll(root)];
    const names = new Set([...wanted.keys(), ...committed.keys()]);
    const different = [...names].filter((name) => wanted.get(name) !== committed.get(name));
    if (different.length === 0) return;
    process.stderr.write(`${generated} differs from prisma/schema in ${different.join(', ')}: run npm run generate -w @botplane/db\n`);
    process.exitCode = 1;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

if (process.argv.includes('--check')) check();
else generate(root);
