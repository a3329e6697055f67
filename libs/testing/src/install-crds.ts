import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';

const run = promisify(execFile);
const CRD_FOLDER = join(import.meta.dirname, '../../../crds');
/** How long the API server may take to serve new kinds, seconds. */
const ESTABLISHED_TIMEOUT_S = 30;

/** Applies crds/*.yaml and waits until the API server serves them. False when the project has none. */
export async function installCrds(kubeconfig: string): Promise<boolean> {
  const files = existsSync(CRD_FOLDER) ? readdirSync(CRD_FOLDER).filter((name) => name.endsWith('.yaml')) : [];
  if (files.length === 0) return false;
  const sources = files.flatMap((name) => ['-f', join(CRD_FOLDER, name)]);
  const kubectl = (...args: string[]) => run(toolPath('kubectl'), [`--kubeconfig=${kubeconfig}`, ...args]);
  await kubectl('apply', '--server-side', '--force-conflicts', '--field-manager=botplane-install', ...sources);
  await kubectl('wait', '--for=condition=Established', `--timeout=${ESTABLISHED_TIMEOUT_S}s`, ...sources);
  return true;
}
