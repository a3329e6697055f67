import { down } from './down.ts';
import { isRoot } from './machine.ts';
import { clusterPaths } from './paths.ts';
import { up } from './up.ts';

const USAGE = 'usage: cluster up | down';

async function main(): Promise<void> {
  const paths = clusterPaths();
  const command = process.argv[2];
  if (command !== 'up' && command !== 'down') throw new Error(USAGE);
  if (process.platform !== 'linux') throw new Error(`the node needs Linux, this is ${process.platform}`);
  if (!isRoot()) throw new Error('the node needs root: it starts containers and changes the network. Run `sudo make cluster-up`');
  await (command === 'up' ? up(paths) : down(paths));
}

try {
  await main();
} catch (error) {
  console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
