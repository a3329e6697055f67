import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { MANIFEST_FILE, manifestSchema } from './manifest.ts';
import type { Manifest, SavedFile } from './manifest.ts';
import { Progress, readableBytes } from './progress.ts';
import type { Say } from './progress.ts';

/** One file of a backup while it is written. */
export class FileInMaking {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  async write(content: Uint8Array): Promise<void> {
    this.hash.update(content);
    this.bytes += content.length;
    await this.handle.writeFile(content);
  }

  get size(): number {
    return this.bytes;
  }

  /** Resolves when the file is on disk. */
  async finish(): Promise<SavedFile> {
    await this.handle.sync();
    await this.handle.close();
    return { path: this.path, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}

const UNFINISHED_FILE = `${MANIFEST_FILE}.tmp`;

/** The folder of a backup in the making. Without a manifest, which comes last, it counts as no backup. */
export class BackupFolder {
  private files: SavedFile[] = [];

  private constructor(
    readonly path: string,
    private readonly isNew: boolean,
  ) {}

  /**
   * Makes the folder; one that holds something is refused, an empty one is taken. The beginning of the manifest is in it from now on: of two processes one gets the folder,
   * and a folder that somebody removes does not become whole. `isNew`: the caller has just made it for this backup.
   */
  static async create(path: string, { isNew = false } = {}): Promise<BackupFolder> {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if ((await readdir(path)).length > 0) throw new BackupError(`${path} is not empty: each backup gets a folder of its own`);
    await writeFile(join(path, UNFINISHED_FILE), '', { flag: 'wx', mode: 0o600 });
    return new BackupFolder(path, isNew || made !== undefined);
  }

  /** Writes one file by `fill`, of which the manifest then knows size and checksum. Returns its size in bytes. */
  async write(path: string, fill: (file: FileInMaking) => Promise<void>): Promise<number> {
    const target = join(this.path, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const handle = await open(target, 'wx', 0o600);
    const file = new FileInMaking(path, handle);
    try {
      await fill(file);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.files.push(await file.finish());
    return file.size;
  }

  /** Takes everything back that was written below a path. */
  async discard(path: string): Promise<void> {
    await rm(join(this.path, path), { recursive: true, force: true });
    this.files = this.files.filter((file) => !file.path.startsWith(`${path}/`));
  }

  /** Makes the folder a backup. */
  async finish(manifest: Omit<Manifest, 'files'>): Promise<Manifest> {
    const whole: Manifest = { ...manifest, files: this.files };
    const unfinished = join(this.path, UNFINISHED_FILE);
    const handle = await open(unfinished, 'r+').catch((error: unknown) => {
      throw new BackupError(`${this.path} was removed while the backup was made`, { cause: error });
    });
    await handle.writeFile(`${JSON.stringify(whole, undefined, 1)}\n`);
    await handle.sync();
    await handle.close();
    await rename(unfinished, join(this.path, MANIFEST_FILE));
    return whole;
  }

  /** Gives the backup up. A folder that was there before, maybe a mount, stays, as empty as it was. */
  async remove(): Promise<void> {
    const gone = this.isNew || !existsSync(this.path) ? [this.path] : (await readdir(this.path)).map((name) => join(this.path, name));
    for (const path of gone) await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Reads the manifest and every file that it names; throws what is missing, cut short or changed, all of it at once. */
export async function readBackup(folder: string, say: Say): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const progress = new Progress(say, 'checked');
  const problems: string[] = [];
  let bytes = 0;
  for (const file of manifest.files) {
    const problem = await problemOf(folder, file);
    if (problem !== undefined) problems.push(`${file.path} ${problem}`);
    bytes += file.bytes;
    progress.at(readableBytes(bytes));
  }
  const known = new Set(manifest.files.map(({ path }) => path));
  const named = [...(manifest.nats?.streams ?? []), ...(manifest.postgres?.tables ?? []), ...(manifest.s3?.objects ?? [])];
  for (const { path } of named) if (!known.has(path)) problems.push(`${path} has no checksum in ${MANIFEST_FILE}`);
  if (problems.length > 0) throw new BackupError(`${folder} is damaged, nothing was restored:\n${problems.slice(0, 20).map((problem) => `  ${problem}`).join('\n')}${problems.length > 20 ? `\n  and ${problems.length - 20} more` : ''}\nUse another backup.`);
  return manifest;
}

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_FILE);
  if (!existsSync(path)) throw new BackupError(`${folder} is no whole backup: it has no ${MANIFEST_FILE}, which is written when everything else is there`);
  if ((await stat(path)).size > LIMITS.manifestBytesMax) throw new BackupError(`${path} is larger than ${readableBytes(LIMITS.manifestBytesMax)}`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new BackupError(`${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
  const parsed = manifestSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { version } = content as { version?: unknown };
  if (version !== 1) throw new BackupError(`${path} is of format version ${String(version)}, but this botplane reads version 1`);
  throw new BackupError(`${path} is damaged: ${parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
}

async function problemOf(folder: string, { path, bytes, sha256 }: SavedFile): Promise<string | undefined> {
  const file = join(folder, path);
  if (!existsSync(file)) return 'is missing';
  const { size } = await stat(file);
  if (size !== bytes) return `has ${size} bytes instead of ${bytes}`;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex') === sha256 ? undefined : 'was changed: its SHA-256 is another one';
}
