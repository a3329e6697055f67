import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { LOCAL_DIR, ROOT } from './environment.ts';

/** How long one command of the local environment may take, ms: a first `up` starts everything. */
const COMMAND_MS_MAX = 300_000;

/** Runs `tools/local` on the journeys' own environment and shows what it prints when it fails. */
export async function localEnvironment(args: string[], localDir: string = LOCAL_DIR): Promise<string> {
  const child = spawn(process.execPath, [join(ROOT, 'tools/local/dist/main.js'), ...args], {
    cwd: ROOT,
    env: { ...process.env, BOTPLANE_LOCAL_DIR: localDir, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), COMMAND_MS_MAX);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearTimeout(timer);
  if (code !== 0) throw new Error(`local ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}
