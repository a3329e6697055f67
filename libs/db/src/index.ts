export { createDb } from './client.ts';
export type { Db, DbOptions } from './client.ts';
export { Prisma } from './generated/client.ts';
export { MigrationError, migrate } from './migrate.ts';
export type { MigrateOptions } from './migrate.ts';
export { schemaStatus } from './schema-status.ts';
export type { SchemaStatus } from './schema-status.ts';
