import { readBackup } from './backup-folder.ts';
import type { BackupConfig } from './config.ts';
import { BackupError } from './errors.ts';
import type { Manifest, Part } from './manifest.ts';
import { checkNatsBeforeRestore, restoreNats } from './nats-restore.ts';
import { withNats } from './nats-connection.ts';
import { restoreObjects, withStore } from './objects.ts';
import { checkPostgresBeforeRestore, restorePostgres } from './postgres-restore.ts';
import type { Say } from './progress.ts';

export interface RestoreOptions {
  /** Parts to restore; default: all that the backup has. */
  only: readonly Part[] | undefined;
  /** What is there goes. */
  replace: boolean;
}

/** Checks a backup whole. Throws BackupError with everything that is wrong. */
export async function verify(folder: string, say: Say): Promise<Manifest> {
  say(`checking ${folder}`);
  return readBackup(folder, say);
}

/** Restores a backup after everything that could refuse it was asked; objects first, so that routes never name what is not there. */
export async function restore(folder: string, { only, replace }: RestoreOptions, configOf: (parts: readonly Part[]) => BackupConfig, say: Say): Promise<Manifest> {
  const manifest = await verify(folder, say);
  const parts = only ?? manifest.parts;
  const missing = parts.filter((part) => !manifest.parts.includes(part));
  if (missing.length > 0) throw new BackupError(`the backup of ${manifest.takenAt} does not hold ${missing.join(', ')}`);
  const config = configOf(parts);
  if (config.nats !== undefined) await withNats(config.nats, (nats) => checkNatsBeforeRestore(nats, { replace }, say));
  if (config.postgresUrl !== undefined && manifest.postgres) await checkPostgresBeforeRestore(config.postgresUrl, manifest.postgres, replace);
  // Said before, since nobody can say it who is killed.
  say('From here on the install is not whole until "restored" is said. Should this end before: mend the cause, start no service, and restore again with --replace');
  await restoreParts(folder, manifest, { replace }, config, say);
  return manifest;
}

async function restoreParts(folder: string, { nats, postgres, s3 }: Manifest, { replace }: { replace: boolean }, config: BackupConfig, say: Say): Promise<void> {
  if (config.s3 !== undefined && s3) {
    say('Objects');
    await withStore(config.s3, (store) => restoreObjects(store, folder, s3, say));
  }
  if (config.postgresUrl !== undefined && postgres) {
    say('PostgreSQL');
    await restorePostgres(config.postgresUrl, folder, postgres, say);
  }
  if (config.nats !== undefined && nats) {
    say('NATS');
    const { NATS_STREAM_REPLICAS: replicas } = config.nats;
    await withNats(config.nats, (connection) => restoreNats(connection, folder, nats.streams, { replace, replicas }, say));
  }
}
