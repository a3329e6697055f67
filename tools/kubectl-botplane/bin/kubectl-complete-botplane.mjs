#!/usr/bin/env node
// Committed, so that `npm install` can link it before anything is built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/complete.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error('✗ kubectl-botplane is not built yet: run `make build`');
  process.exit(1);
}
await import(main.href);
