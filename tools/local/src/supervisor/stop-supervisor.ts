import { becomesTrue, isAlive, readRecords } from '@botplane/testing';
import { SUPERVISOR_STOP_MS } from '../limits.ts';
import type { LocalPaths } from '../paths.ts';
import { isNobodyThere, type ControlClient } from './control-client.ts';

/** Ends the supervisor and with it all children. Resolves when its process is gone, or after a limit. */
export async function stopSupervisor(paths: LocalPaths, control: ControlClient): Promise<void> {
  const record = readRecords(paths.run).find(({ name }) => name === 'supervisor');
  const stopping = control.shutdown().catch((error: unknown) => {
    if (!isNobodyThere(error)) throw error;
  });
  const isGone = async (): Promise<boolean> => (record ? !isAlive(record) : (await control.status()) === undefined);
  const gone = becomesTrue(isGone, SUPERVISOR_STOP_MS);
  await Promise.race([stopping, gone]);
  await gone;
}
