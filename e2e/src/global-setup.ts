import { rm } from 'node:fs/promises';
import { LOCAL_DIR } from './environment.ts';
import { localEnvironment } from './local-cli.ts';

/** Starts one environment for all journeys, apart from a developer's own. With E2E_KEEP=1 it stays up for the next run. */
export async function setup(): Promise<void> {
  await localEnvironment(['up']);
}

export async function teardown(): Promise<void> {
  if (process.env['E2E_KEEP'] === '1') return;
  await localEnvironment(['down']);
  await rm(LOCAL_DIR, { recursive: true, force: true });
}
