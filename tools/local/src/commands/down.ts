import { createProgress } from '@botplane/bootstrap/progress';
import { becomesTrue } from '@botplane/testing';
import { endLeftovers } from '../leftovers.ts';
import { SUPERVISOR_STOP_MS } from '../limits.ts';
import type { LocalPaths } from '../paths.ts';
import { ControlClient, isNobodyThere } from '../supervisor/control-client.ts';

/** Stops everything of this environment, also what a killed supervisor left. Data stays. */
export async function down(paths: LocalPaths): Promise<void> {
  const progress = createProgress();
  const control = new ControlClient(paths.socket);
  const wasRunning = (await control.status()) !== undefined;
  if (wasRunning) await progress.step('stop all processes', () => stopSupervisor(control));
  const left = await endLeftovers(paths);
  if (left.length > 0) progress.line(`  ended what was left over: ${left.join(', ')}`);
  progress.line(wasRunning || left.length > 0 ? 'Botplane is down.' : 'Nothing was running.');
}

async function stopSupervisor(control: ControlClient): Promise<void> {
  const stopping = control.shutdown().catch((error: unknown) => {
    if (!isNobodyThere(error)) throw error;
  });
  const isGone = async (): Promise<boolean> => (await control.status()) === undefined;
  const ended = becomesTrue(isGone, SUPERVISOR_STOP_MS);
  await Promise.race([stopping, ended]);
  await ended;
}
