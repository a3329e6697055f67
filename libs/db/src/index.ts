export { createDb } from './client.ts';
export type { Db, DbOptions } from './client.ts';
export { Prisma } from './generated/client.ts';
export { MIGRATIONS_FOLDER, readMigrations } from './migration-files.ts';
export type { Migration } from './migration-files.ts';
export { MigrationError, migrate } from './migrate.ts';
export type { MigrateOptions } from './migrate.ts';
export { schemaStatus } from './schema-status.ts';
export type { SchemaStatus } from './schema-status.ts';
