import type { Db } from './client.ts';
import { MIGRATION_LOCK_KEY } from './migrate.ts';
import { readMigrations } from './migration-files.ts';
import type { Migration } from './migration-files.ts';

/** How the database's schema compares with the migrations of this build. */
export interface SchemaStatus {
  /** Newest applied migration; null in an empty database. */
  readonly version: string | null;
  /** Migrations of this build that the database does not have. */
  readonly pending: string[];
  /** Applied by a newer build: this one was rolled back. */
  readonly unknown: string[];
  /** Applied, but the file was edited afterwards. */
  readonly edited: string[];
  /** True while a replica migrates or waits to. */
  readonly migrating: boolean;
}

interface AppliedRow {
  migration_name: string;
  checksum: string;
}

let committed: Promise<Migration[]> | undefined;

/** Reads the schema status; throws when the database does not answer. */
export async function schemaStatus(db: Db): Promise<SchemaStatus> {
  const migrations = await (committed ??= readMigrations());
  const [applied, migrating] = [await appliedMigrations(db), await isLockHeld(db)];
  const byName = new Map(applied.map((row) => [row.migration_name, row.checksum]));
  const known = new Set(migrations.map(({ name }) => name));
  return {
    version: applied.at(-1)?.migration_name ?? null,
    pending: migrations.filter(({ name }) => !byName.has(name)).map(({ name }) => name),
    unknown: [...byName.keys()].filter((name) => !known.has(name)),
    edited: migrations.filter(({ name, checksum }) => byName.has(name) && byName.get(name) !== checksum).map(({ name }) => name),
    migrating,
  };
}

async function appliedMigrations(db: Db): Promise<AppliedRow[]> {
  const [table] = await db.$queryRaw<{ found: boolean }[]>`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`;
  if (table?.found !== true) return [];
  return db.$queryRaw<AppliedRow[]>`SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;
}

async function isLockHeld(db: Db): Promise<boolean> {
  const [row] = await db.$queryRaw<{ held: boolean }[]>`SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = ${MIGRATION_LOCK_KEY}::bigint::oid AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS held`;
  return row?.held === true;
}
