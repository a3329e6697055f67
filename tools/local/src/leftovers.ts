import { join } from 'node:path';
import { CHILD_STOP_GRACE_MS } from './limits.ts';
import type { LocalPaths } from './paths.ts';
import { endRecorded } from '@botplane/testing';

/** Records of the processes of pods, below the folder of the pods. */
export function podRecords(podsFolder: string): string {
  return join(podsFolder, 'run');
}

/** Ends what a killed supervisor or local-node may have left running. Returns the names. */
export async function endLeftovers(paths: LocalPaths): Promise<string[]> {
  const folders = [paths.run, podRecords(paths.pods)];
  return (await Promise.all(folders.map((folder) => endRecorded(folder, CHILD_STOP_GRACE_MS)))).flat();
}
