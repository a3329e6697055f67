import { formatDuration } from '@botplane/bootstrap/progress';
import type { LocalPaths } from '../paths.ts';
import { ControlClient } from '../supervisor/control-client.ts';
import type { ChildStatus } from '../supervisor/status.ts';

/** Prints a row per process. Returns false when something is not ready. */
export async function status(paths: LocalPaths): Promise<boolean> {
  const running = await new ControlClient(paths.socket).status();
  if (!running) {
    console.log('Nothing is running (make up starts it).');
    return false;
  }
  const rows = [['NAME', 'PID', 'UPTIME', 'STATE', 'RESTARTS', 'URL'], ...running.children.map(rowOf)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  return running.children.every(({ state }) => state === 'ready');
}

function rowOf({ name, pid, startedAtMs, state, restarts, url }: ChildStatus): string[] {
  const uptime = startedAtMs === undefined ? '-' : formatDuration(Date.now() - startedAtMs);
  return [name, String(pid ?? '-'), uptime, state, String(restarts), url];
}
