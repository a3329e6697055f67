import { randomBytes } from 'node:crypto';
import { launch } from './launch.ts';
import { freePort } from './ports.ts';
import { postgresRecipe, postgresUrl } from './recipes/postgres.ts';

export interface TestPostgres {
  /** Connection string of an empty database. */
  readonly url: string;
  stop(): Promise<void>;
  /** SIGKILL; the data stays for `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
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
      await server.start();
    },
  };
}
