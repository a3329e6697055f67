import type { BackupFolder } from './backup-folder.ts';
import type { BackupConfig } from './config.ts';
import type { Manifest, Part } from './manifest.ts';
import { backupNats } from './nats-backup.ts';
import { withNats } from './nats-connection.ts';
import { backupObjects, withStore } from './objects.ts';
import { backupPostgres } from './postgres-backup.ts';
import type { Say } from './progress.ts';

/**
 * Saves an install into a folder of its own, while it works: conversations stand still only while NATS is saved. PostgreSQL comes after NATS, so that a
 * kept message on its way is in one of them at least, and objects come last, so that whatever a route names is among them.
 */
export async function backup(folder: BackupFolder, parts: readonly Part[], config: BackupConfig, say: Say): Promise<Manifest> {
  const content: Omit<Manifest, 'files'> = { format: 'botplane-backup', version: 1, takenAt: new Date().toISOString(), parts: [...parts] };
  if (config.nats !== undefined) {
    say('NATS: conversations stand still');
    const { streams, takenAt } = await withNats(config.nats, (nats) => backupNats(nats, folder, say));
    say('NATS: saved, conversations go on');
    Object.assign(content, { takenAt, nats: { streams } });
  }
  if (config.postgresUrl !== undefined) {
    say('PostgreSQL');
    content.postgres = await backupPostgres(config.postgresUrl, folder, say);
  }
  if (config.s3 !== undefined) {
    say('Objects');
    content.s3 = await withStore(config.s3, (store) => backupObjects(store, folder, say));
  }
  return folder.finish(content);
}
