import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();
/** The number is the process that made the folder. */
const FOLDER_NAME = /^botplane-[a-z0-9-]+-p(\d+)-[A-Za-z0-9]{6}$/;
let isPrepared = false;

/**
 * A folder that is removed with `removeTempFolder` and in any case when this process exits. What a killed process
 * left behind is removed by the next one that makes a folder.
 */
export function makeTempFolder(name: string): string {
  if (!isPrepared) {
    isPrepared = true;
    removeLeftFolders();
    process.on('exit', () => folders.forEach(remove));
  }
  const folder = mkdtempSync(join(tmpdir(), `botplane-${name}-p${process.pid}-`));
  folders.add(folder);
  return folder;
}

export function removeTempFolder(folder: string): void {
  folders.delete(folder);
  remove(folder);
}

/** Retries cover a server that still writes while it ends. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function removeLeftFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = FOLDER_NAME.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) remove(join(tmpdir(), name));
  }
}
