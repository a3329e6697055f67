import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rmdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { DISK_BYTES_MIN, MEMORY_BYTES_MIN, PROBE_MS_MAX } from './limits.ts';
import { installPackages, isRoot, missingPackages, refuseBesideAnother } from './machine.ts';
import type { ClusterPaths } from './paths.ts';
import { tryOut } from './trial.ts';
import type { Trial } from './trial.ts';

/**
 * Why this machine cannot host the node, as one line; undefined when it can. Installs what is missing with apt, and asks the kernel by doing:
 * what is tried is taken back.
 */
export async function whyNoNode(paths: ClusterPaths): Promise<string | undefined> {
  if (process.platform !== 'linux') return `the node needs Linux, this is ${process.platform}`;
  if (!isRoot()) return 'the node needs root: it starts containers and changes the network';
  const room = await lackOfRoom(paths);
  if (room !== undefined) return room;
  const missing = missingPackages();
  try {
    if (missing.length > 0) await installPackages(missing);
    if (!existsSync(paths.folder)) await refuseBesideAnother();
    for (const [what, trial] of Object.entries(TRIALS)) await tryOut(trial).catch((error: Error) => Promise.reject(new Error(`this machine does not allow ${what}: ${error.message}`)));
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
  return undefined;
}

async function lackOfRoom(paths: ClusterPaths): Promise<string | undefined> {
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1_024;
  if (available < MEMORY_BYTES_MIN) return `the node needs ${gigabytes(MEMORY_BYTES_MIN)} of free memory, here are ${gigabytes(available)}`;
  // Its own folder may not be there yet.
  const { bavail, bsize } = await statfs(existsSync(paths.folder) ? paths.folder : '.');
  const free = bavail * bsize;
  return free < DISK_BYTES_MIN ? `the node needs ${gigabytes(DISK_BYTES_MIN)} of free disk, here are ${gigabytes(free)}` : undefined;
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
const NAME = 'botplane-trial';
const quick = (command: string, ...args: string[]): Promise<string> => run(command, args, { timeoutMs: PROBE_MS_MAX });

// Version 1 has a folder per controller, version 2 one for all.
const groupsRoot = (): string => ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'].find((path) => existsSync(path)) ?? '/sys/fs/cgroup';

const TRIALS: Readonly<Record<string, Trial>> = {
  'network bridges': { make: () => quick('ip', 'link', 'add', 'bp-trial0', 'type', 'bridge'), undo: () => quick('ip', 'link', 'del', 'bp-trial0') },
  'network namespaces': { make: () => quick('ip', 'netns', 'add', NAME), undo: () => quick('ip', 'netns', 'delete', NAME) },
  'iptables chains': { make: () => quick('iptables', '-t', 'nat', '-N', NAME), undo: () => quick('iptables', '-t', 'nat', '-X', NAME) },
  'mounts in namespaces of their own': { make: () => quick('unshare', '--mount', '--pid', '--fork', 'true'), undo: async () => undefined },
  'control groups': { make: () => mkdir(join(groupsRoot(), NAME)), undo: () => rmdir(join(groupsRoot(), NAME)) },
};
