import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineSource } from '@botplane/botspec';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

const OPERATOR = join(import.meta.dirname, '../..');

/** Our packages go into the bundle from their sources; everything else is loaded from node_modules as in production. */
const ownPackagesOnly: Plugin = {
  name: 'own-packages-only',
  setup: ({ onResolve }) => onResolve({ filter: /^[^./]/ }, ({ path }) => (path.startsWith('@botplane/') ? undefined : { path, external: true })),
};

/** Bundles the operator's process and its compiler thread, so that tests run the real process without a build before. */
export async function bundleOperator(): Promise<{ main: string; remove(): Promise<void> }> {
  // As deep as a built package, and with the engine where a built botspec has it: both are found by relative paths.
  const folder = join(OPERATOR, `.local-test-${process.pid}`);
  await build({
    entryPoints: [join(OPERATOR, 'src/main.ts'), join(OPERATOR, 'src/adapters/compile-worker.ts')],
    outdir: join(folder, 'bin'), entryNames: '[name]', bundle: true, platform: 'node', format: 'esm', target: 'node24', sourcemap: 'inline', logLevel: 'error',
    conditions: ['@botplane/source'], plugins: [ownPackagesOnly],
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  });
  // botspec takes engine.js when it is newer than its modules: here there are none.
  for (const modules of ['engine', 'program', 'schema', 'compile', 'artefact']) await mkdir(join(folder, modules), { recursive: true });
  await writeFile(join(folder, 'engine.js'), engineSource().code);
  return { main: join(folder, 'bin/main.js'), remove: () => rm(folder, { recursive: true, force: true }) };
}
