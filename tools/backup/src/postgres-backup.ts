import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Client } from 'pg';
import type { BackupFolder, FileInMaking } from './backup-folder.ts';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { SavedPostgres } from './manifest.ts';
import { withPostgres } from './postgres-connection.ts';
import { Progress } from './progress.ts';
import type { Say } from './progress.ts';

/** Tables that belong to no other, with their parts. The list of migrations is kept in the manifest. */
const TABLES = `
  SELECT c.relname AS name,
    coalesce((SELECT json_agg(json_build_object('name', p.relname, 'bound', pg_get_expr(p.relpartbound, p.oid)) ORDER BY p.relname)
              FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid WHERE i.inhparent = c.oid), '[]') AS partitions
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '_prisma_migrations' ORDER BY c.relname`;

/** Saves the rows of every table as of one moment. The schema is the committed migrations that the database had. */
export async function backupPostgres(url: string, folder: BackupFolder, say: Say): Promise<SavedPostgres> {
  return withPostgres(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const migrations = await client.query<{ name: string; checksum: string }>('SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name').catch((error: Error) => {
      throw new BackupError(`the database of DATABASE_URL is not one of Botplane: ${error.message}`, { cause: error });
    });
    const tables: SavedPostgres['tables'] = [];
    for (const { name, partitions } of (await client.query<{ name: string; partitions: { name: string; bound: string }[] }>(TABLES)).rows) {
      const path = `postgres/${name}.jsonl.gz`;
      let rows = 0;
      await folder.write(path, async (file) => {
        rows = await saveRows(client, name, file, new Progress(say, name));
      });
      say(`  ${name}: ${rows} rows`);
      tables.push({ name, path, rows, partitions });
    }
    const sequences = await client.query<{ name: string; lastValue: string }>(`SELECT sequencename AS name, last_value::text AS "lastValue" FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1`);
    return { migrations: migrations.rows, tables, sequences: sequences.rows };
  });
}

/** One JSON object per line, as PostgreSQL writes it: numbers keep their digits, times their zone. */
async function saveRows(client: Client, table: string, file: FileInMaking, progress: Progress): Promise<number> {
  let rows = 0;
  const lines = async function* (): AsyncGenerator<string> {
    await client.query(`DECLARE saved NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS line FROM ${client.escapeIdentifier(table)} t`);
    for (;;) {
      const batch = await client.query<{ line: string }>(`FETCH ${LIMITS.rowsPerBatch} FROM saved`);
      if (batch.rows.length === 0) break;
      rows += batch.rows.length;
      progress.at(`${rows} rows`);
      // Within a JSON string a line break is written as \\n, so lines hold whole objects.
      yield batch.rows.map(({ line }) => `${line}\n`).join('');
    }
    await client.query('CLOSE saved');
  };
  await pipeline(lines, createGzip(), async (packed: AsyncIterable<Buffer>) => {
    for await (const chunk of packed) await file.write(chunk);
  });
  return rows;
}
