import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();
let exitHooked = false;

/** A folder that is removed with `removeTempFolder` and in any case when this process exits. */
export function makeTempFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `botplane-${name}-`));
  folders.add(folder);
  if (!exitHooked) {
    exitHooked = true;
    // Registered on first use, and so after the hook that kills servers only when one was started before;
    // `force` and retries cover a server that still writes.
    process.on('exit', () => {
      for (const left of folders) rmSync(left, { recursive: true, force: true, maxRetries: 3 });
    });
  }
  return folder;
}

export function removeTempFolder(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
