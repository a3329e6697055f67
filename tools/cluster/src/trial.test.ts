import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { expect, it, onTestFinished } from 'vitest';
import { tryOut } from './trial.ts';
import type { Trial } from './trial.ts';

/** A trial that makes a folder of a fixed name, as control groups are made. */
function folderTrial(): { path: string; trial: Trial } {
  const folder = makeTempFolder('trial');
  onTestFinished(() => removeTempFolder(folder));
  const path = join(folder, 'trial');
  return { path, trial: { make: () => mkdir(path), undo: () => rmdir(path) } };
}

it('a trial leaves nothing behind', async () => {
  const { path, trial } = folderTrial();
  await tryOut(trial);
  expect(existsSync(path)).toBe(false);
});

it('a trial that was killed before it took back what it made does not stand in the way of the next', async () => {
  const { path, trial } = folderTrial();
  mkdirSync(path);
  await tryOut(trial);
  expect(existsSync(path)).toBe(false);
});

it('a trial that fails halfway leaves nothing behind, and says why it failed', async () => {
  const { path, trial } = folderTrial();
  const halfway = { ...trial, make: async () => (await trial.make(), Promise.reject(new Error('not allowed'))) };
  await expect(tryOut(halfway)).rejects.toThrow('not allowed');
  expect(existsSync(path)).toBe(false);
});
