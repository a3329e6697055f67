// Bundles the playground into dist/playground, which the simulator serves.
import { copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [{ in: here('playground/main.tsx'), out: 'app' }, { in: here('playground/style.css'), out: 'app' }],
  outdir: here('dist/playground'),
  bundle: true,
  format: 'esm',
  target: 'es2023',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  // Libraries come from their sources, so that the page never holds an older build of one.
  conditions: ['@botplane/source'],
  logLevel: 'warning',
});
await copyFile(here('playground/index.html'), here('dist/playground/index.html'));
