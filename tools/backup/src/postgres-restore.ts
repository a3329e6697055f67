import { createReadStream } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from '@botplane/db';
import type { Client } from 'pg';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { SavedPostgres } from './manifest.ts';
import { withPostgres } from './postgres-connection.ts';
import { Progress } from './progress.ts';
import type { Say } from './progress.ts';

/** Throws BackupError when this version does not know the schema, when the database is in use, or holds what was not to be replaced. Changes nothing. */
export async function checkPostgresBeforeRestore(url: string, saved: SavedPostgres, replace: boolean): Promise<void> {
  await checkMigrations(saved);
  await withPostgres(url, async (client) => {
    const others = await client.query<{ who: string }>(`SELECT DISTINCT coalesce(nullif(application_name, ''), 'a client') || coalesce(' at ' || client_addr, '') AS who FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`);
    if (others.rows.length > 0) throw new BackupError(`the database is in use by ${others.rows.map(({ who }) => who).join(', ')}: stop the api first`);
    if (replace) return;
    const tables = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = 'public'`);
    if ((tables.rows[0]?.count ?? 0) > 0) throw new BackupError('the database already holds tables: --replace removes them for those of the backup');
  });
}

/** Makes the tables as they were, by the migrations that they had, and fills them. A later version of the services migrates them further at its start. */
export async function restorePostgres(url: string, folder: string, saved: SavedPostgres, say: Say): Promise<void> {
  await withPostgres(url, async (client) => {
    await client.query('BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public; COMMIT');
    await migrateTo(url, saved);
    await client.query('BEGIN');
    for (const table of saved.tables) {
      const name = client.escapeIdentifier(table.name);
      for (const { name: part, bound } of table.partitions) await client.query(`CREATE TABLE IF NOT EXISTS ${client.escapeIdentifier(part)} PARTITION OF ${name} ${bound}`);
      const rows = await fill(client, join(folder, table.path), name, new Progress(say, table.name));
      if (rows !== table.rows) throw new BackupError(`table ${table.name} has ${rows} rows in its file instead of ${table.rows}`);
      say(`  ${table.name}: ${rows} rows`);
    }
    for (const { name, lastValue } of saved.sequences) await client.query('SELECT setval($1::regclass, $2::bigint)', [client.escapeIdentifier(name), lastValue]);
    await client.query('COMMIT');
  });
}

async function fill(client: Client, path: string, table: string, progress: Progress): Promise<number> {
  let rows = 0;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`, [`[${batch.join(',')}]`]);
    rows += batch.length;
    batch = [];
    progress.at(`${rows} rows`);
  };
  for await (const line of linesOf(createReadStream(path).pipe(createGunzip()))) {
    batch.push(line);
    if (batch.length >= LIMITS.rowsPerBatch) await flush();
  }
  await flush();
  return rows;
}

/** Ends at line feeds only: what else readline takes for an end (U+2028) may stand in what people wrote. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function checkMigrations(saved: SavedPostgres): Promise<void> {
  const known = new Map((await readMigrations()).map(({ name, checksum }) => [name, checksum]));
  const unknown = saved.migrations.filter(({ name, checksum }) => known.get(name) !== checksum).map(({ name }) => name);
  if (unknown.length > 0) throw new BackupError(`the backup's database has migrations that this version does not know (${unknown.join(', ')}): restore with the version that made it, or a later one`);
}

/** Prisma's own engine applies the saved migrations and no later ones. */
async function migrateTo(url: string, saved: SavedPostgres): Promise<void> {
  const chosen = await mkdtemp(join(tmpdir(), 'botplane-migrations-'));
  try {
    for (const { name } of saved.migrations) await cp(join(MIGRATIONS_FOLDER, name), join(chosen, name), { recursive: true });
    await migrate(url, { folder: chosen, lockMsMax: LIMITS.lockMs, queryMsMax: LIMITS.postgresSilenceMs });
  } finally {
    await rm(chosen, { recursive: true, force: true });
  }
}
