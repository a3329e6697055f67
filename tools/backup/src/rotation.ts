import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MANIFEST_FILE } from './manifest.ts';
import type { Manifest, Part } from './manifest.ts';

/** Folders of our own making: other things beside them are never touched. */
const NAME = /^botplane-\d{8}T\d{6}Z$/;

/** `botplane-20261121T031500Z`: names sort by time. */
const nameAt = (time: Date): string => `botplane-${time.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;

/** Makes the folder of a backup that begins now. When a process already took this second's name, it is the next second's. */
export async function newBackupFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    const now = new Date();
    const path = join(folder, nameAt(now));
    try {
      await mkdir(path, { mode: 0o700 });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await sleep(1_000 - now.getMilliseconds());
    }
  }
}

/** What stays of earlier backups: so many whole ones, and unfinished ones that began less than `hoursMax` ago, since they may still be in the making. */
export interface Keep {
  count: number;
  hoursMax: number;
}

/** Removes what does not stay, of whole backups only those of just these parts. Returns what is gone. */
export async function keepNewest(folder: string, { count, hoursMax }: Keep, parts: readonly Part[]): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort().toReversed();
  const whole = names.filter((name) => existsSync(join(folder, name, MANIFEST_FILE)));
  const alike = await filterAsync(whole, async (name) => (await partsOf(join(folder, name))).join() === parts.join());
  const oldestInMaking = nameAt(new Date(Date.now() - hoursMax * 3_600_000));
  const gone = names.filter((name) => (whole.includes(name) ? alike.indexOf(name) >= count : name < oldestInMaking));
  for (const name of gone) await rm(join(folder, name), { recursive: true, force: true });
  return gone;
}

/** A manifest that cannot be read is like no other: a person decides, and no backup waits for that. */
async function partsOf(backup: string): Promise<readonly Part[]> {
  try {
    return (JSON.parse(await readFile(join(backup, MANIFEST_FILE), 'utf8')) as Partial<Manifest>).parts ?? [];
  } catch {
    return [];
  }
}

async function filterAsync<T>(items: readonly T[], belongs: (item: T) => Promise<boolean>): Promise<T[]> {
  const answers = await Promise.all(items.map(belongs));
  return items.filter((_, at) => answers[at]);
}
