import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Environment, ROOT, localEnvironment } from '@botplane/e2e';
import { applyReady } from './benches/apply-ready.ts';
import { sandbox500 } from './benches/sandbox-500.ts';
import { sandboxCold } from './benches/sandbox-cold.ts';
import { sandboxWarm } from './benches/sandbox-warm.ts';

/** A bench prints its rows and tells whether all goals were met. Most need an environment of their own; the others start what they measure. */
type Bench = { on: 'environment'; run: (env: Environment, isQuick: boolean) => Promise<boolean> } | { on: 'nothing'; run: (isQuick: boolean) => Promise<boolean> };

const BENCHES: Record<string, Bench> = {
  'apply-ready': { on: 'environment', run: applyReady },
  'sandbox-cold': { on: 'nothing', run: sandboxCold },
  'sandbox-warm': { on: 'nothing', run: sandboxWarm },
  'sandbox-500': { on: 'nothing', run: sandbox500 },
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

  const isQuick = (process.env['BENCH_QUICK'] ?? '') !== '';
  const benches = names.flatMap((name) => BENCHES[name] ?? []);
  let isMet = true;
  for (const bench of benches) if (bench.on === 'nothing') isMet = (await bench.run(isQuick)) && isMet;
  const onEnvironment = benches.flatMap((bench) => (bench.on === 'environment' ? [bench.run] : []));
  if (onEnvironment.length > 0) {
    await withEnvironment(async (env) => {
      for (const run of onEnvironment) isMet = (await run(env, isQuick)) && isMet;
    });
  }
  if (!isMet) process.exitCode = 1;
}

/** An environment of its own, so that a bench neither disturbs nor measures what somebody else runs. */
async function withEnvironment(use: (env: Environment) => Promise<void>): Promise<void> {
  console.log('starting an environment for the bench …');
  await localEnvironment(['up'], LOCAL_DIR);
  try {
    await use(new Environment(LOCAL_DIR));
  } finally {
    await localEnvironment(['down'], LOCAL_DIR);
    await rm(LOCAL_DIR, { recursive: true, force: true });
  }
}

await main();
