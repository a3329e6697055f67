import { down } from './down.ts';
import { loadImages } from './images.ts';
import { install } from './install.ts';
import { installKeda } from './keda.ts';
import { isRoot } from './machine.ts';
import { clusterPaths } from './paths.ts';
import { NoCluster, startTestTarget, stopTestTarget } from './test-target.ts';
import { up } from './up.ts';

const USAGE = 'usage: cluster up | down | images | keda | install CONTEXT [VALUES-FILE…] | test-up FILE | test-down FILE';
/** Exit code of `test-up` where no cluster is to be had. */
const NO_CLUSTER_CODE = 3;

const paths = clusterPaths();

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  up: () => onNode(() => up(paths)),
  down: () => onNode(() => down(paths)),
  images: () => onNode(() => loadImages(paths)),
  keda: () => onNode(() => installKeda(paths)),
  install: async ([context, ...values]) => install({ context: needed(context), namespace: process.env['BOTPLANE_NAMESPACE'] ?? 'botplane', values }),
  'test-up': async ([file]) => startTestTarget(paths, needed(file), { context: process.env['CLUSTER_CONTEXT'] ?? '', isOptional: (process.env['CLUSTER_OPTIONAL'] ?? '') !== '' }),
  'test-down': async ([file]) => stopTestTarget(paths, needed(file)),
};

async function main([command = '', ...args]: readonly string[]): Promise<void> {
  const chosen = COMMANDS[command];
  if (chosen === undefined) throw new Error(USAGE);
  await chosen(args);
}

async function onNode(work: () => Promise<void>): Promise<void> {
  if (process.platform !== 'linux') throw new Error(`the node needs Linux, this is ${process.platform}`);
  if (!isRoot()) throw new Error('the node needs root: it starts containers and changes the network. Run `sudo make cluster-up`');
  await work();
}

function needed(argument: string | undefined): string {
  if (argument === undefined || argument === '') throw new Error(USAGE);
  return argument;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof NoCluster ? NO_CLUSTER_CODE : 1;
}
// A step that ran out of time leaves its work behind.
process.exit();
