import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

it('[C2][A6] the built service boots with hosts of its build and ends with 0 on SIGTERM', async () => {
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-b', 'services/runtime'], { cwd: ROOT });
  const env = { HOST: '127.0.0.1', PORT: '0', GRPC_PORT: '0', SANDBOX_HOSTS: '1' };
  const child = spawn(process.execPath, [join(ROOT, 'services/runtime/dist/main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await expect.poll(() => output).toContain('service listens');
  const url = /"url":"([^"]+)"/.exec(output)?.[1] ?? '';
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);

  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
});
