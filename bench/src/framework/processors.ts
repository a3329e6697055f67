import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What is measured, servers included, shares this processor; the load comes from the other. */
export const SYSTEM_CPU = 0;
export const LOAD_CPU = 1;

/** With two processors or more and util-linux: a process keeps to its own, so that the load takes nothing from what is measured. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;

/** The command on one processor; as it is where that cannot be done. */
export function onProcessor<T extends { command: string; args: readonly string[] }>(cpu: number, launch: T): T {
  return canPin ? { ...launch, command: 'taskset', args: ['-c', String(cpu), launch.command, ...launch.args] } : launch;
}
