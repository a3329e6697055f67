import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseEnv, becomesTrue, isAlive, readRecords, writeRecord, type ProcessRecipe } from '@botplane/testing';
import { LOG_TAIL_BYTES, READY_MS_MAX } from './limits.ts';
import type { ClusterPaths } from './paths.ts';

/** Starts a process that stays when this one ends, notes it, and waits until it is ready. One that runs already is left alone. */
export async function startDetached(paths: ClusterPaths, recipe: ProcessRecipe): Promise<void> {
  const logFile = join(paths.logs, `${recipe.name}.log`);
  if (!readRecords(paths.run).some((record) => record.name === recipe.name && isAlive(record))) {
    await recipe.prepare?.();
    spawnDetached(paths, recipe, logFile);
  }
  const runs = (): boolean => readRecords(paths.run).some((record) => record.name === recipe.name && isAlive(record));
  if (await becomesTrue(recipe.ready, READY_MS_MAX, () => !runs())) return;
  throw new Error(`${recipe.name}: ${runs() ? `not ready after ${READY_MS_MAX / 1000} s` : 'ended before it was ready'}; its log ends with\n${readFileSync(logFile, 'utf8').slice(-LOG_TAIL_BYTES)}`);
}

function spawnDetached(paths: ClusterPaths, { name, command, args, env, cwd }: ProcessRecipe, logFile: string): void {
  mkdirSync(paths.logs, { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: { ...baseEnv(), ...env }, ...(cwd === undefined ? {} : { cwd }) });
  closeSync(log);
  child.once('error', () => undefined); // It is not there: the wait says so.
  child.unref();
  if (child.pid !== undefined) writeRecord(paths.run, name, child.pid);
}
