import { parseArgs } from 'node:util';
import { BackupFolder } from './backup-folder.ts';
import { backup } from './backup.ts';
import { loadBackupConfig } from './config.ts';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { PARTS } from './manifest.ts';
import type { Manifest, Part } from './manifest.ts';
import { keepNewest, newBackupFolder } from './rotation.ts';
import type { Keep } from './rotation.ts';
import { restore, verify } from './restore.ts';

/** Where a command writes its lines. */
export interface BackupIo {
  out(line: string): void;
  err(line: string): void;
}

const USAGE = `botplane backup DIR     saves NATS, PostgreSQL and the object store of an install into the new folder DIR
                        --keep N: into a new folder of DIR each time, of which the newest N stay; DIR needs room for N + 1.
                        --hours-max N: with --keep, one that is not whole after so long was broken off and goes (${LIMITS.unfinishedHoursMax})
botplane restore DIR    checks a backup and restores it; services must be stopped
                        --replace: what is there goes; --check: only look whether the backup is whole
Both take --only nats,postgres,s3. Addresses and keys come from the variables of the services: NATS_URL, NATS_CREDS_FILE,
NATS_CA_FILE, NATS_CERT_FILE, NATS_KEY_FILE, NATS_STREAM_REPLICAS, DATABASE_URL, S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, S3_BUCKET.`;

/** Runs `backup …` or `restore …`. Exit codes: 0 done, 1 it could not be done, 2 the command line is wrong. */
export async function runBackupCli(args: readonly string[], io: BackupIo): Promise<0 | 1 | 2> {
  try {
    const [command, ...rest] = args;
    const { values, positionals } = parseArgs({ args: rest, allowPositionals: true, options: { only: { type: 'string' }, keep: { type: 'string' }, 'hours-max': { type: 'string' }, replace: { type: 'boolean' }, check: { type: 'boolean' } } });
    const [folder] = positionals;
    if (folder === undefined || positionals.length > 1 || (command !== 'backup' && command !== 'restore')) throw new TypeError(USAGE);
    const only = values.only === undefined ? undefined : partsOf(values.only);
    return command === 'backup' ? await runBackup(folder, only, keepOf(values.keep, values['hours-max']), io) : await runRestore(folder, { only, replace: values.replace ?? false, check: values.check ?? false }, io);
  } catch (error) {
    if (error instanceof TypeError) {
      io.err(error.message);
      return 2;
    }
    io.err(`✗ ${error instanceof BackupError ? error.message : reasonOf(error)}`);
    return 1;
  }
}

async function runBackup(folder: string, only: readonly Part[] | undefined, keep: Keep | undefined, io: BackupIo): Promise<0> {
  const parts = only ?? PARTS;
  const config = loadBackupConfig(parts);
  const startedMs = performance.now();
  const tidy = async (): Promise<void> => {
    if (keep !== undefined) for (const gone of await keepNewest(folder, keep, parts)) io.err(`removed ${gone}`);
  };
  // Before it begins, too: a volume that is full has room again, and so has one of which less is kept now.
  await tidy();
  const target = keep === undefined ? await BackupFolder.create(folder) : await BackupFolder.create(await newBackupFolder(folder), { isNew: true });
  let manifest: Manifest;
  try {
    manifest = await backup(target, parts, config, io.err);
  } catch (error) {
    await target.remove().catch((problem: Error) => io.err(`${target.path} stays: ${problem.message}`));
    throw error;
  }
  io.out(`✓ ${target.path}: ${manifest.files.length} files, conversations as of ${manifest.takenAt}, in ${seconds(startedMs)}`);
  await tidy();
  return 0;
}

async function runRestore(folder: string, options: { only: readonly Part[] | undefined; replace: boolean; check: boolean }, io: BackupIo): Promise<0> {
  const startedMs = performance.now();
  if (options.check) {
    const { takenAt, parts, files } = await verify(folder, io.err);
    io.out(`✓ ${folder} is whole: ${parts.join(', ')} as of ${takenAt}, ${files.length} files`);
    return 0;
  }
  const { takenAt } = await restore(folder, options, loadBackupConfig, io.err);
  io.out(`✓ restored as of ${takenAt}, in ${seconds(startedMs)}; start the services`);
  return 0;
}

function partsOf(text: string): Part[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new TypeError(`--only takes ${PARTS.join(', ')}, not ${unknown.join(', ')}`);
  return PARTS.filter((part) => names.includes(part));
}

function keepOf(count: string | undefined, hoursMax: string | undefined): Keep | undefined {
  if (count === undefined) return undefined;
  return { count: wholeOf('--keep', count), hoursMax: hoursMax === undefined ? LIMITS.unfinishedHoursMax : wholeOf('--hours-max', hoursMax) };
}

function wholeOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`${option} takes a whole number from 1, not ${text}`);
  return value;
}

const seconds = (startedMs: number): string => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;

/** Some errors of clients say nothing themselves. */
function reasonOf(error: unknown): string {
  const reasons: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) if (at.message !== '' && !reasons.includes(at.message)) reasons.push(at.message);
  return reasons.length > 0 ? reasons.join(': ') : String(error);
}
