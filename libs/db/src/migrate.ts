import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { CONNECT_MS_MAX, CONNECT_WAIT_MS_MAX, MIGRATION_LOCK_MS_MAX } from './limits.ts';
import { MIGRATIONS_FOLDER, readMigrations } from './migration-files.ts';
import type { Migration } from './migration-files.ts';
import { OWN_EVERYTHING, migrationList, openSchemaEngine } from './schema-engine.ts';
import { waitForServer } from './wait-for-server.ts';

/** Key of the advisory lock that migrations hold; arbitrary, but the same in every version. */
export const MIGRATION_LOCK_KEY = 7_266_801;

export interface MigrateOptions {
  /** Folder of the migrations. Default: the committed ones. */
  readonly folder?: string;
  /** How long to wait for another replica that migrates. Default 120 s. */
  readonly lockMsMax?: number;
  /** How long to wait for a database that does not take connections yet. Default 60 s. */
  readonly connectMsMax?: number;
  /** How long one statement may take, also where the server does not say anything any more. Default: without end. */
  readonly queryMsMax?: number;
}

/** A migration that could not be applied; nothing was changed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Applies the committed migrations that the database does not have yet, by Prisma's own engine, and returns their names.
 * All of them in one transaction under an advisory lock: replicas that start at once apply once, and a start that fails
 * or is killed halfway leaves the database as it was. So a migration holds no `BEGIN`, `COMMIT` or `CONCURRENTLY`.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  const pool = oneConnection(url, options.queryMsMax);
  try {
    await waitForServer(url, options.connectMsMax ?? CONNECT_WAIT_MS_MAX);
    await begin(pool, options.lockMsMax ?? MIGRATION_LOCK_MS_MAX);
    const applied = await apply(pool, migrations);
    await pool.query('COMMIT');
    return applied;
  } catch (error) {
    throw new MigrationError(`the database could not be migrated, nothing was changed: ${textOf(error)}`, { cause: error });
  } finally {
    await pool.end(); // Ends the session, and with it a transaction that failed.
  }
}

async function begin(pool: Pool, lockMsMax: number): Promise<void> {
  await pool.query('BEGIN');
  await pool.query(`SET LOCAL lock_timeout = ${Math.trunc(lockMsMax)}`);
  await pool.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK_KEY]);
}

async function apply(pool: Pool, migrations: readonly Migration[]): Promise<string[]> {
  let scriptError: unknown;
  const engine = await openSchemaEngine(pool, (error) => (scriptError = error));
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: migrationList(migrations), filters: OWN_EVERYTHING });
    return appliedMigrationNames;
  } catch (error) {
    throw scriptError === undefined ? error : new Error(`${textOf(scriptError)} (${migrationNameIn(error)})`, { cause: scriptError });
  } finally {
    engine.free();
  }
}

/** The transaction lives on one connection; should it break, the pool must not go on with a new one outside of it. */
function oneConnection(url: string, queryMsMax = 0): Pool {
  let used = false;
  const verify = (_client: PoolClient, done: (error?: Error) => void): void => {
    if (used) return done(new Error('the connection was lost'));
    used = true;
    done();
  };
  const options = { connectionString: url, max: 1, idleTimeoutMillis: 0, connectionTimeoutMillis: CONNECT_MS_MAX, query_timeout: queryMsMax, verify };
  const pool = new Pool(options);
  pool.on('error', () => undefined); // The next query reports it.
  return pool;
}

const migrationNameIn = (error: unknown): string => /migration_name="([^"]+)"/.exec(textOf(error))?.[1] ?? 'unknown migration';
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
