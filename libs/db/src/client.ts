import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';
import { CONNECT_MS_MAX, IDLE_MS_MAX, POOL_CONNECTIONS_MAX_DEFAULT, STATEMENT_MS_MAX } from './limits.ts';

/** Prisma's client for all models; a service touches its own models only. */
export type Db = PrismaClient;

export interface DbOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** Connections of this process. Default 10. */
  readonly poolMax?: number;
}

/** Makes a client that connects on first use; end it with `$disconnect()`. */
export function createDb({ url, poolMax = POOL_CONNECTIONS_MAX_DEFAULT }: DbOptions): Db {
  const pool = { connectionString: url, max: poolMax, connectionTimeoutMillis: CONNECT_MS_MAX, idleTimeoutMillis: IDLE_MS_MAX, statement_timeout: STATEMENT_MS_MAX };
  return new PrismaClient({ adapter: new PrismaPg(pool) });
}
