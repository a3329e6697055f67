import { readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Environment, ROOT, localEnvironment } from '@botplane/e2e';
import { applyReady } from './benches/apply-ready.ts';
import { autoAbort } from './benches/auto-abort.ts';
import { canarySplit } from './benches/canary-split.ts';
import { compile } from './benches/compile.ts';
import { hostileNeighbours } from './benches/hostile-neighbours.ts';
import { ingress } from './benches/ingress.ts';
import { ingressAck } from './benches/ingress-ack.ts';
import { bots1000 } from './benches/bots-1000.ts';
import { bulk } from './benches/bulk.ts';
import { failover } from './benches/failover.ts';
import { handover } from './benches/handover.ts';
import { noop } from './benches/noop.ts';
import { pipeline } from './benches/pipeline.ts';
import { rollback } from './benches/rollback.ts';
import { sandbox500 } from './benches/sandbox-500.ts';
import { sandboxCold } from './benches/sandbox-cold.ts';
import { sandboxWarm } from './benches/sandbox-warm.ts';
import { scaleOut } from './benches/scale-out.ts';
import { simulator } from './benches/simulator.ts';
import { slowChat } from './benches/slow-chat.ts';
import { timersAfterDowntime } from './benches/timers-after-downtime.ts';
import { urgent } from './benches/urgent.ts';
import { users1000 } from './benches/users-1000.ts';
import { vsGrammy } from './benches/vs-grammy.ts';
import { BenchRun } from './framework/bench-run.ts';

/** A bench prints its rows and tells whether all goals were met. Some need an environment of their own; the others start what they measure. */
type Bench = { on: 'environment'; run: (bench: BenchRun, env: Environment) => Promise<boolean> } | { on: 'nothing'; run: (bench: BenchRun) => Promise<boolean> };

const BENCHES: Record<string, Bench> = {
  'apply-ready': { on: 'environment', run: applyReady },
  'canary-split': { on: 'nothing', run: canarySplit },
  compile: { on: 'nothing', run: compile },
  ingress: { on: 'nothing', run: ingress },
  'ingress-ack': { on: 'nothing', run: ingressAck },
  pipeline: { on: 'nothing', run: pipeline },
  'vs-grammy': { on: 'nothing', run: vsGrammy },
  'slow-chat': { on: 'nothing', run: slowChat },
  urgent: { on: 'nothing', run: urgent },
  'timers-after-downtime': { on: 'nothing', run: timersAfterDowntime },
  bulk: { on: 'nothing', run: bulk },
  'scale-out': { on: 'nothing', run: scaleOut },
  handover: { on: 'nothing', run: handover },
  'sandbox-cold': { on: 'nothing', run: sandboxCold },
  'sandbox-warm': { on: 'nothing', run: sandboxWarm },
  simulator: { on: 'nothing', run: simulator },
  'sandbox-500': { on: 'nothing', run: sandbox500 },
  'hostile-neighbours': { on: 'nothing', run: hostileNeighbours },
  'bots-1000': { on: 'nothing', run: bots1000 },
  noop: { on: 'nothing', run: noop },
  failover: { on: 'nothing', run: failover },
  rollback: { on: 'nothing', run: rollback },
  'auto-abort': { on: 'nothing', run: autoAbort },
  'users-1000': { on: 'nothing', run: users1000 },
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
  let isMet = true;
  const onEnvironment = new Map<string, (Bench & { on: 'environment' })['run']>();
  for (const name of names) {
    const bench = BENCHES[name];
    if (bench?.on === 'environment') onEnvironment.set(name, bench.run);
    else if (bench) isMet = (await bench.run(new BenchRun({ name, isQuick }))) && isMet;
  }
  if (onEnvironment.size > 0) {
    await withEnvironment(async (env) => {
      for (const [name, run] of onEnvironment) isMet = (await run(new BenchRun({ name, isQuick, roots: environmentPids }), env)) && isMet;
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

/** The environment's supervisor is detached from whoever starts it; its processes descend from it. */
function environmentPids(): number[] {
  const mark = `BOTPLANE_LOCAL_DIR=${LOCAL_DIR}`;
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      return false; // It ended meanwhile, or is the kernel's own.
    }
  });
}

await main();
