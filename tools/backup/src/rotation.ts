import { existsSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_FILE } from './manifest.ts';
import type { Manifest, Part } from './manifest.ts';

/** Folders of our own making: other things beside them are never touched. */
const NAME = /^botplane-\d{8}T\d{6}Z$/;

/** `<folder>/botplane-20261121T031500Z`: names sort by time. */
export const newBackupFolder = (folder: string, now: Date): string => join(folder, `botplane-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);

/** Removes all but the newest whole backups of just these parts, and the unfinished ones that are older than the newest whole one. Returns what is gone. */
export async function keepNewest(folder: string, count: number, parts: readonly Part[]): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort().toReversed();
  const whole = names.filter((name) => existsSync(join(folder, name, MANIFEST_FILE)));
  const newest = whole[0];
  const alike = await filterAsync(whole, async (name) => (await partsOf(join(folder, name))).join() === parts.join());
  const gone = names.filter((name) => (whole.includes(name) ? alike.indexOf(name) >= count : newest !== undefined && name < newest));
  for (const name of gone) await rm(join(folder, name), { recursive: true, force: true });
  return gone;
}

const partsOf = async (backup: string): Promise<readonly Part[]> => (JSON.parse(await readFile(join(backup, MANIFEST_FILE), 'utf8')) as Manifest).parts;

async function filterAsync<T>(items: readonly T[], belongs: (item: T) => Promise<boolean>): Promise<T[]> {
  const answers = await Promise.all(items.map(belongs));
  return items.filter((_, at) => answers[at]);
}
