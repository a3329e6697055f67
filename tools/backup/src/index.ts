export { runBackupCli } from './cli.ts';
export type { BackupIo } from './cli.ts';
