import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@botplane/testing';
import type { TestPostgres } from '@botplane/testing';
import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDb, migrate, schemaStatus } from '../src/index.ts';
import type { Db } from '../src/index.ts';
import { MIGRATION_LOCK_KEY } from '../src/migrate.ts';
import { readMigrations } from '../src/migration-files.ts';
import { schemaDrift } from '../src/schema-diff.ts';

let postgres: TestPostgres;
const cleanups: (() => unknown)[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});
afterAll(() => postgres?.stop());

let databases = 0;
/** An empty database of its own. */
async function emptyDatabase(): Promise<string> {
  const name = `test_${(databases += 1)}`;
  await sql(postgres.url, `create database ${name}`);
  return postgres.url.replace(/\/[^/]*$/, `/${name}`);
}

async function sql<T extends QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
}

function openDb(url: string): Db {
  const db = createDb({ url, poolMax: 2 });
  cleanups.push(() => db.$disconnect());
  return db;
}

/** A folder of migrations made for one test. */
function migrations(...scripts: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'botplane-migrations-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  for (const [index, script] of scripts.entries()) {
    const name = join(folder, `2026010100000${index}_m${index}`);
    mkdirSync(name);
    writeFileSync(join(name, 'migration.sql'), script);
  }
  return folder;
}

const tables = async (url: string): Promise<string[]> =>
  (await sql<{ name: string }>(url, `select tablename as name from pg_tables where schemaname = 'public' order by 1`)).map(({ name }) => name);

describe('migrate', () => {
  it('[A6] applies the committed migrations once and records them as Prisma does', async () => {
    const url = await emptyDatabase();
    const committed = await readMigrations();
    expect(await migrate(url)).toEqual(committed.map(({ name }) => name));
    expect(await migrate(url)).toEqual([]);
    const rows = await sql(url, 'select migration_name as name, checksum from _prisma_migrations where finished_at is not null order by 1');
    expect(rows).toEqual(committed.map(({ name, checksum }) => ({ name, checksum })));
  });

  it('[A6] lets replicas that start at once apply once', async () => {
    const url = await emptyDatabase();
    const results = await Promise.all(Array.from({ length: 5 }, () => migrate(url)));
    const committed = (await readMigrations()).map(({ name }) => name);
    expect(results.filter((applied) => applied.length > 0)).toEqual([committed]);
    expect(await sql(url, 'select count(*)::int as n from _prisma_migrations')).toEqual([{ n: committed.length }]);
  });

  it('[A6] changes nothing when one migration fails, and goes on once it is mended', async () => {
    const url = await emptyDatabase();
    const broken = migrations('create table a (id int);', 'create table b (id int); create table c (id nonsense);');
    await expect(migrate(url, { folder: broken })).rejects.toThrow(/nothing was changed.*nonsense/s);
    expect(await tables(url)).toEqual([]);
    const mended = migrations('create table a (id int);', 'create table b (id int); create table c (id int);');
    expect(await migrate(url, { folder: mended })).toHaveLength(2);
    expect(await tables(url)).toEqual(['_prisma_migrations', 'a', 'b', 'c']);
  });

  it('[A6] leaves the database as it was when the connection is killed halfway', async () => {
    const url = await emptyDatabase();
    const slow = migrations('create table a (id int);', 'create table b (id int); select pg_sleep(20);');
    const running = migrate(url, { folder: slow }).then(
      () => 'applied',
      (error: Error) => error.message,
    );
    await expect.poll(() => sql(url, `select pg_terminate_backend(pid) as done from pg_stat_activity where datname = current_database() and query like '%pg_sleep(20)%' and pid <> pg_backend_pid()`)).toEqual([{ done: true }]);
    expect(await running).toContain('nothing was changed');
    expect(await tables(url)).toEqual([]);
    expect(await migrate(url, { folder: migrations('create table a (id int);', 'create table b (id int);') })).toHaveLength(2);
  });

  it('takes function bodies and texts with semicolons whole', async () => {
    const url = await emptyDatabase();
    await migrate(url, { folder: migrations(`create function twice(n int) returns int language plpgsql as $$ begin n := n * 2; return n; end; $$; create table t (x text default 'a;b');`) });
    expect(await sql(url, 'select twice(21) as n')).toEqual([{ n: 42 }]);
  });

  it('gives up waiting for another migration after its limit', async () => {
    const url = await emptyDatabase();
    const holder = new Client({ connectionString: url });
    await holder.connect();
    cleanups.push(() => holder.end());
    await holder.query('select pg_advisory_lock($1)', [MIGRATION_LOCK_KEY]);
    expect((await schemaStatus(openDb(url))).migrating).toBe(true);
    await expect(migrate(url, { lockMsMax: 100 })).rejects.toThrow('lock timeout');
  });
});

describe('migrate at start', () => {
  it('[A6] waits for a database that is not up yet', async () => {
    const late = await startPostgres();
    cleanups.push(() => late.stop());
    await late.kill();
    const running = migrate(late.url);
    await late.restart();
    expect(await running).not.toEqual([]);
  });

  it('does not wait when waiting cannot help, nor longer than it may', async () => {
    const wrong = postgres.url.replace(/:[^:@/]+@/, ':wrong@');
    await expect(migrate(wrong)).rejects.toThrow('password authentication failed');
    await expect(migrate('postgresql://u:p@127.0.0.1:1/x', { connectMsMax: 300 })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('schemaStatus', () => {
  it('[A6] names pending migrations before and the version after', async () => {
    const url = await emptyDatabase();
    const db = openDb(url);
    const names = (await readMigrations()).map(({ name }) => name);
    expect(await schemaStatus(db)).toEqual({ version: null, pending: names, unknown: [], edited: [], migrating: false });
    await migrate(url);
    expect(await schemaStatus(db)).toEqual({ version: names.at(-1), pending: [], unknown: [], edited: [], migrating: false });
  });

  it('tells migrations of a newer build and edited ones apart', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const name = (await readMigrations())[0]?.name;
    await sql(url, `update _prisma_migrations set checksum = 'other' where migration_name = $1`, [name]);
    await sql(url, `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', 'y', '29990101000000_future', now())`);
    expect(await schemaStatus(openDb(url))).toMatchObject({ version: '29990101000000_future', pending: [], unknown: ['29990101000000_future'], edited: [name] });
    expect(await migrate(url)).toEqual([]); // A rollback of the build must still start.
  });
});

describe('what is committed', () => {
  it('[C5] has migrations that lead exactly to the schema', async () => {
    expect(await schemaDrift(postgres.url)).toBe('');
  });

  it('[C5] has the client that the schema generates', () => {
    const script = fileURLToPath(new URL('../scripts/generate.ts', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr: stderr.replace(/^.*Warning.*$/gm, '').trim() }).toEqual({ status: 0, stderr: '' });
  });

  it('[C5] is read and written through the client', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const db = openDb(url);
    await db.apiKey.create({ data: { id: 'k1', name: 'test', hash: 'h', scopes: ['dlq:read'] } });
    expect(await db.apiKey.findUnique({ where: { id: 'k1' } })).toMatchObject({ name: 'test', scopes: ['dlq:read'], revokedAt: null });
  });
});
