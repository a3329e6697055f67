import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNats } from '@botplane/testing';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

it('[C2][A6] the built service boots on an empty NATS, is ready, and ends with 0 on SIGTERM', async () => {
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-b', 'services/ingress'], { cwd: ROOT });
  const server = await startNats();
  try {
    const child = spawn(process.execPath, [join(ROOT, 'services/ingress/dist/main.js')], { env: { HOST: '127.0.0.1', PORT: '0', NATS_URL: server.url }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await expect.poll(() => output).toContain('service listens');
    const url = /"url":"([^"]+)"/.exec(output)?.[1] ?? '';
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  } finally {
    await server.stop();
  }
});
