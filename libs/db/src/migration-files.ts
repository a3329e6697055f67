import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MIGRATIONS_BYTES_MAX } from './limits.ts';

/** Folder of the committed migrations: the same from src and from dist. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** One committed migration. */
export interface Migration {
  /** `<timestamp>_<name>`, which is also the order. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 (hex) of the SQL, as Prisma records it. */
  readonly checksum: string;
}

/** Reads the committed migrations in the order in which they apply. */
export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  const migrations = await Promise.all(names.map((name) => readMigration(folder, name)));
  const bytes = migrations.reduce((sum, { sql }) => sum + Buffer.byteLength(sql), 0);
  if (bytes > MIGRATIONS_BYTES_MAX) throw new Error(`the migrations have ${bytes} bytes, more than ${MIGRATIONS_BYTES_MAX}`);
  return migrations;
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}
