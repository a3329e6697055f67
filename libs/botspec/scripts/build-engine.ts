// Writes dist/engine.js from the compiled modules; run after `tsc -b`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// By a variable: the sources are type-checked without a build.
const built = new URL('../dist/artefact/engine-source.js', import.meta.url).href;
const { bundleEngine } = (await import(built)) as { bundleEngine(): string };
writeFileSync(fileURLToPath(new URL('../dist/engine.js', import.meta.url)), bundleEngine());
