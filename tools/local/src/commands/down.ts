import { createProgress } from '@botplane/bootstrap/progress';
import { endLeftovers } from '../leftovers.ts';
import type { LocalPaths } from '../paths.ts';
import { ControlClient } from '../supervisor/control-client.ts';
import { stopSupervisor } from '../supervisor/stop-supervisor.ts';

/** Stops everything of this environment, also what a killed supervisor left. Data stays. */
export async function down(paths: LocalPaths): Promise<void> {
  const progress = createProgress();
  const control = new ControlClient(paths.socket);
  const wasRunning = (await control.status()) !== undefined;
  if (wasRunning) await progress.step('stop all processes', () => stopSupervisor(paths, control));
  const left = await endLeftovers(paths);
  if (left.length > 0) progress.line(`  ended what was left over: ${left.join(', ')}`);
  progress.line(wasRunning || left.length > 0 ? 'Botplane is down.' : 'Nothing was running.');
}
