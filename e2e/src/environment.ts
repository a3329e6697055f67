import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Simulator } from './simulator.ts';

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** State folder of the environment that the journeys use; another than a developer's own `.local`. */
export const LOCAL_DIR = process.env['BOTPLANE_LOCAL_DIR'] ?? join(ROOT, '.local-e2e');

/** Where npm puts the plugins of kubectl. */
const PLUGINS = join(ROOT, 'node_modules/.bin');

/** Output of one command that may be large, e.g. `kubectl get -o json`. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** The environment as scripts see it: `.local/env`, kubectl and the simulator. */
export class Environment {
  readonly vars: Record<string, string>;
  readonly simulator: Simulator;

  constructor(localDir: string = LOCAL_DIR) {
    this.vars = readEnvFile(join(localDir, 'env'));
    this.simulator = new Simulator(this.var('BOTPLANE_SIMULATOR_URL'));
  }

  var(name: string): string {
    const value = this.vars[name];
    if (value === undefined) throw new Error(`${name} is not in the environment's env file`);
    return value;
  }

  /** Runs kubectl; rejects with its stderr. `input` goes to stdin, e.g. for `apply -f -`. */
  async kubectl(args: string[], input?: string): Promise<string> {
    const child = run(this.var('KUBECTL'), args, { env: { ...process.env, PATH: `${PLUGINS}:${process.env['PATH'] ?? ''}`, KUBECONFIG: this.var('KUBECONFIG') }, maxBuffer: OUTPUT_BYTES_MAX, cwd: ROOT });
    if (input !== undefined) child.child.stdin?.end(input);
    return (await child).stdout;
  }

  async waitFor(resource: string, condition: string, timeoutSeconds = 30, namespace = 'default'): Promise<void> {
    await this.kubectl(['wait', `--for=condition=${condition}`, resource, `--timeout=${timeoutSeconds}s`, '-n', namespace]);
  }

  async getJson<T>(resource: string, namespace = 'default'): Promise<T> {
    return JSON.parse(await this.kubectl(['get', resource, '-n', namespace, '-o', 'json'])) as T;
  }
}

/** Reads `export NAME='value'` and `NAME=value` lines. */
function readEnvFile(path: string): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const match = /^(?:export )?([A-Z0-9_]+)=(?:'([^']*)'|"([^"]*)"|(.*))$/.exec(line.trim());
    if (match?.[1]) vars[match[1]] = match[2] ?? match[3] ?? match[4] ?? '';
  }
  return vars;
}
