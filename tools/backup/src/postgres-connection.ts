import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';

const REMEDY = 'Look whether the server runs and has room on its disk, then run it again';

/** Runs with one connection, without a pool: everything happens in one transaction. Throws BackupError when the server cannot be reached or falls silent. */
export async function withPostgres<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await work(client);
  } catch (error) {
    if (isSilence(error)) throw new BackupError(`PostgreSQL of DATABASE_URL fell silent: nothing was heard from it for ${LIMITS.postgresSilenceMs / 1_000} s. ${REMEDY}`, { cause: error });
    throw error;
  } finally {
    // A server that is silent does not say goodbye.
    await Promise.race([client.end(), sleep(LIMITS.connectMs, undefined, { ref: false })]);
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: LIMITS.connectMs, lock_timeout: LIMITS.lockMs, query_timeout: LIMITS.postgresSilenceMs, application_name: 'botplane-backup' });
  client.on('error', () => undefined); // The next query reports it.
  try {
    await client.connect();
  } catch (error) {
    throw new BackupError(`PostgreSQL of DATABASE_URL cannot be reached: ${(error as Error).message}. ${REMEDY}`, { cause: error });
  }
  return client;
}

/** The driver's own words, which a migration quotes. */
const isSilence = (error: unknown): boolean => error instanceof Error && error.message.includes('Query read timeout');
