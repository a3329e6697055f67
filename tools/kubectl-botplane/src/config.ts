import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the plugin takes from the environment, as kubectl does. */
export interface Config {
  /** One kubeconfig or several. */
  readonly kubeconfig: string;
}

/** Reads the environment. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  return { kubeconfig: env['KUBECONFIG'] || join(homedir(), '.kube/config') };
}
