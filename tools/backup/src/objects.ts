import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtefactStore } from '@botplane/kit/artefacts';
import type { S3Config } from '@botplane/kit/plain';
import type { BackupFolder } from './backup-folder.ts';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { SavedObjects } from './manifest.ts';
import { Progress, readableBytes } from './progress.ts';
import type { Say } from './progress.ts';

const CONTENT_TYPES: { readonly [suffix: string]: string } = { js: 'text/javascript', json: 'application/json', tar: 'application/x-tar' };

/** Runs with the object store, which gives each request a bound of its own. Throws BackupError when it does not answer. */
export async function withStore<T>(config: S3Config, work: (store: ArtefactStore) => Promise<T>): Promise<T> {
  const store = new ArtefactStore(config);
  try {
    return await work(store);
  } catch (error) {
    if (isAway(error)) throw new BackupError(`the object store of S3_ENDPOINT failed${ofKey(error)}: ${whyOf(error as Error)}. Look whether it runs and S3_BUCKET is there, then run it again`, { cause: error });
    throw error;
  } finally {
    store.close();
  }
}

const isAway = (error: unknown): boolean => (error as { code?: string }).code === 'store.unavailable';

function ofKey(error: unknown): string {
  const { key } = (error as { fields?: { key?: unknown } }).fields ?? {};
  return typeof key === 'string' && key !== '' ? ` (${key})` : '';
}

/** What is at the bottom of it: the kit only says that the store failed. */
const whyOf = (error: Error): string => (error.cause instanceof Error ? whyOf(error.cause) : error.message);

/** Saves every object of the bucket. They never change under their keys, so no moment has to be kept. */
export async function backupObjects(store: ArtefactStore, folder: BackupFolder, say: Say): Promise<SavedObjects> {
  const progress = new Progress(say, 'objects');
  const objects: SavedObjects['objects'] = [];
  let bytes = 0;
  const inFlight = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const { key } of store.list('')) {
      const path = `s3/${key.split('/').map(fileNameOf).join('/')}`;
      const job: Promise<void> = save(store, folder, key, path).then(
        (saved) => {
          if (saved === undefined) return say(`  ${key} is gone since it was listed`);
          objects.push({ key, path });
          bytes += saved;
          progress.at(`${objects.length}, ${readableBytes(bytes)}`);
        },
        (error: unknown) => void failures.push(error),
      ).finally(() => inFlight.delete(job));
      inFlight.add(job);
      if (inFlight.size >= LIMITS.objectsInFlightMax) await Promise.race(inFlight);
      if (failures.length > 0) break;
    }
  } finally {
    // Also when the list broke off: nothing writes any more where its caller removes.
    await Promise.all(inFlight);
  }
  if (failures.length > 0) throw failures[0];
  say(`  ${objects.length} objects, ${readableBytes(bytes)}`);
  return { objects: objects.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

/** Undefined: the operator swept it between the listing and now, so nothing needs it. */
async function save(store: ArtefactStore, folder: BackupFolder, key: string, path: string): Promise<number | undefined> {
  const content = await store.get(key, undefined, LIMITS.objectBytesMax).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'artefact.missing') return undefined;
    if (isAway(error)) throw error;
    throw new BackupError(`object ${key} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  return content === undefined ? undefined : folder.write(path, (file) => file.write(content));
}

/** Puts back what is missing. An object that is there with other content is never overwritten: all of them are tried, then it is reported. */
export async function restoreObjects(store: ArtefactStore, folder: string, { objects }: SavedObjects, say: Say): Promise<void> {
  const progress = new Progress(say, 'objects');
  const problems: string[] = [];
  let written = 0;
  for (let at = 0; at < objects.length; at += LIMITS.objectsInFlightMax) {
    await Promise.all(objects.slice(at, at + LIMITS.objectsInFlightMax).map(async ({ key, path }) => {
      const type = CONTENT_TYPES[key.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
      const outcome = await store.put(key, await readFile(join(folder, path)), type).catch((error: Error) => {
        // It would take the others one after the other as long.
        if (isAway(error)) throw error;
        problems.push(`${key}: ${error.message}`);
      });
      if (outcome === 'created') written++;
    }));
    progress.at(`${at} of ${objects.length}`);
  }
  if (problems.length > 0) throw new BackupError(`${problems.length} of ${objects.length} objects could not be written:\n${problems.slice(0, 10).map((problem) => `  ${problem}`).join('\n')}`);
  say(`  ${written} objects written, ${objects.length - written} were there`);
}

/** A part of a key as a file name that means the same on every system and never leads out of the folder. */
const fileNameOf = (part: string): string => (part === '.' || part === '..' ? part.replaceAll('.', '%2E') : encodeURIComponent(part));
