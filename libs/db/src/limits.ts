/** Connections of one process unless it asks for another number. */
export const POOL_CONNECTIONS_MAX_DEFAULT = 10;
/** A connection that is not there after this fails the query that wanted it. */
export const CONNECT_MS_MAX = 5_000;
/** How long a start waits for a database that does not take connections yet, and how often it tries. */
export const CONNECT_WAIT_MS_MAX = 60_000;
export const CONNECT_RETRY_MS = 250;
/** The server ends a statement of the client after this. */
export const STATEMENT_MS_MAX = 30_000;
/** A connection that nobody used for this long is closed. */
export const IDLE_MS_MAX = 60_000;
/** How long a start waits for another replica's migration, or a migration for a table in use. */
export const MIGRATION_LOCK_MS_MAX = 120_000;
/** Bytes of all migrations together; above it somebody committed data instead of a schema. */
export const MIGRATIONS_BYTES_MAX = 16 * 1024 * 1024;
