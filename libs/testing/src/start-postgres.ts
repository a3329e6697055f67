import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from './launch.ts';
import { POSTGRES_STARTS_MAX, POSTGRES_START_PAUSE_MS } from './limits.ts';
import { freePort } from './ports.ts';
import { postgresRecipe, postgresUrl } from './recipes/postgres.ts';
import type { ServerProcess } from './server-process.ts';

export interface TestPostgres {
  /** Connection string of an empty database. */
  readonly url: string;
  stop(): Promise<void>;
  /** SIGKILL; the data stays for `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** The children of a killed server keep its shared memory for a moment; until they are gone a new one refuses to start. */
async function startAfterCrash(server: ServerProcess): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.start();
    } catch (error) {
      if (attempt === POSTGRES_STARTS_MAX || !server.logTail().includes('pre-existing shared memory block')) throw error;
      await sleep(POSTGRES_START_PAUSE_MS);
    }
  }
}

/** A PostgreSQL of its own in a temporary folder, without fsync. */
export async function startPostgres(): Promise<TestPostgres> {
  const { server, details, stop } = await launch('postgres', async (folder) => {
    const password = randomBytes(12).toString('hex');
    const options = { folder, port: await freePort(), password, database: 'botplane', fsync: false };
    return { recipe: postgresRecipe(options), details: { url: postgresUrl(options) } };
  });
  return {
    ...details,
    stop,
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      await startAfterCrash(server);
    },
  };
}
