import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_FILE } from './manifest.ts';

/** Folders of our own making: other things beside them are never touched. */
const NAME = /^botplane-\d{8}T\d{6}Z$/;

/** `<folder>/botplane-20261121T031500Z`: names sort by time. */
export const newBackupFolder = (folder: string, now: Date): string => join(folder, `botplane-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);

/** Removes all but the newest whole backups, and the unfinished ones that are older than the newest whole one. Returns what is gone. */
export async function keepNewest(folder: string, count: number): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort().toReversed();
  const whole = names.filter((name) => existsSync(join(folder, name, MANIFEST_FILE)));
  const newest = whole[0];
  const gone = names.filter((name) => (whole.includes(name) ? whole.indexOf(name) >= count : newest !== undefined && name < newest));
  for (const name of gone) await rm(join(folder, name), { recursive: true, force: true });
  return gone;
}
