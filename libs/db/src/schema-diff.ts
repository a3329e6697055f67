import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { readMigrations } from './migration-files.ts';
import { OWN_EVERYTHING, migrationList, openSchemaEngine } from './schema-engine.ts';
import type { SchemaFile } from './schema-engine.ts';

/** Folder of the schema files; only there in a checkout, images do not have it. */
export const SCHEMA_FOLDER = fileURLToPath(new URL('../../../prisma/schema', import.meta.url));

/** Reads every file of the schema. */
export async function readSchemaFiles(folder = SCHEMA_FOLDER): Promise<SchemaFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.prisma')).sort();
  return Promise.all(names.map(async (name) => ({ path: join(folder, name), content: await readFile(join(folder, name), 'utf8') })));
}

/**
 * The SQL that leads from the committed migrations to the committed schema; empty when they agree.
 * `url` names a server on which a scratch database may be made; the database itself is not touched.
 */
export async function schemaDrift(url: string): Promise<string> {
  const pool = new Pool({ connectionString: url, max: 2 });
  const engine = await openSchemaEngine(pool);
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'migrations', ...migrationList(await readMigrations()) },
      to: { tag: 'schemaDatamodel', files: await readSchemaFiles() },
      script: true,
      exitCode: null,
      filters: OWN_EVERYTHING,
    });
    const sql = (stdout ?? '').trim();
    return sql === '-- This is an empty migration.' ? '' : sql;
  } finally {
    engine.free();
    await pool.end();
  }
}
