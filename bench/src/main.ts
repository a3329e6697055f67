import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Environment, ROOT, localEnvironment } from '@botplane/e2e';
import { applyReady } from './benches/apply-ready.ts';

/** Benches by name; each prints its rows and tells whether all goals were met. */
const BENCHES: Record<string, (env: Environment, isQuick: boolean) => Promise<boolean>> = {
  'apply-ready': applyReady,
};

const LOCAL_DIR = join(ROOT, '.local-bench');

async function main(): Promise<void> {
  const wanted = process.argv[2] ?? '';
  const names = wanted === '' ? Object.keys(BENCHES) : [wanted];
  const unknown = names.find((name) => !BENCHES[name]);
  if (unknown !== undefined) {
    console.error(`no bench is called ${unknown}; there are: ${Object.keys(BENCHES).join(', ')}`);
    process.exitCode = 1;
    return;
  }

  // An environment of its own, so that a bench neither disturbs nor measures what somebody else runs.
  console.log('starting an environment for the bench …');
  await localEnvironment(['up'], LOCAL_DIR);
  try {
    const env = new Environment(LOCAL_DIR);
    const isQuick = (process.env['BENCH_QUICK'] ?? '') !== '';
    for (const name of names) {
      const isMet = await BENCHES[name]?.(env, isQuick);
      if (isMet !== true) process.exitCode = 1;
    }
  } finally {
    await localEnvironment(['down'], LOCAL_DIR);
    await rm(LOCAL_DIR, { recursive: true, force: true });
  }
}

await main();
