import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeOf } from '@botplane/testing';
import { attempt, run } from './command.ts';
import { STOP_GRACE_MS } from './limits.ts';
import type { ClusterPaths } from './paths.ts';

const POLL_MS = 100;

/** Ends what containers still run: shims of the node's containerd (they name its socket), which take their containers along. */
export async function endShims(paths: ClusterPaths): Promise<void> {
  const found = shims(paths);
  for (const { pid, startTime } of found) if (startTimeOf(pid) === startTime) process.kill(pid, 'SIGKILL');
  const endMs = Date.now() + STOP_GRACE_MS;
  while (shims(paths).length > 0 && Date.now() < endMs) await sleep(POLL_MS);
}

function shims(paths: ClusterPaths): { pid: number; startTime: string }[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      const startTime = startTimeOf(Number(name));
      const isOurs = (args[0] ?? '').includes('containerd-shim') && args.includes(paths.containerdSocket);
      return isOurs && startTime !== undefined ? [{ pid: Number(name), startTime }] : [];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

/** Unmounts everything below the node's folders, what was mounted last first. */
export async function unmountAll(paths: ClusterPaths): Promise<void> {
  for (const target of mountsOf(paths)) {
    if ((await attempt('umount', [target])) === undefined) await run('umount', ['--lazy', target]);
  }
  const left = mountsOf(paths);
  if (left.length > 0) throw new Error(`still mounted, so nothing is removed: ${left.join(', ')}`);
}

/** Mount points below the node's folders, newest first. */
export function mountsOf(paths: ClusterPaths): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => [paths.folder, '/run/botplane-cluster'].some((folder) => point.startsWith(`${folder}/`))).toReversed();
}

/** Links that the kubelet makes for collectors of logs, whatever its own folder for logs is. */
export function removeLogLinks(paths: ClusterPaths): void {
  const folder = '/var/log/containers';
  for (const name of listOf(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith(paths.podLogs)) rmSync(path);
  }
}

/** Control groups of pods, in one hierarchy or in each. */
export function removeControlGroups(): void {
  for (const root of groupRoots()) removeGroup(join(root, 'kubepods'));
}

/** Folders at fixed places that the kubelet and the plugins of the pod network make; those with content are somebody else's. */
export function removeEmptyFolders(): void {
  rmSync('/var/lib/kubelet/device-plugins/kubelet.sock', { force: true }); // A kubelet makes it anew at every start.
  for (const path of ['/var/lib/kubelet/device-plugins', '/var/lib/kubelet', '/var/lib/cni/results', '/var/lib/cni', '/var/log/containers']) {
    if (existsSync(path) && listOf(path).length === 0) rmdirSync(path);
  }
}

/** Processes of containers whose shim is gone: all in the control groups of pods, which only the node's kubelet made. */
export async function endContainers(): Promise<void> {
  const pids = (): number[] => groupRoots().flatMap((root) => processesBelow(join(root, 'kubepods')));
  for (const pid of new Set(pids())) {
    if (pid <= 1) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
  const endMs = Date.now() + STOP_GRACE_MS;
  while (pids().length > 0 && Date.now() < endMs) await sleep(POLL_MS);
}

function processesBelow(path: string): number[] {
  const below = listOf(path).filter((name) => lstatSync(join(path, name)).isDirectory()).flatMap((name) => processesBelow(join(path, name)));
  try {
    return [...below, ...readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)];
  } catch {
    return below; // There are no pods.
  }
}

const groupRoots = (): string[] => ['/sys/fs/cgroup', ...listOf('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name))];

/** A group can go when those below it are gone. */
function removeGroup(path: string): void {
  for (const name of listOf(path)) if (lstatSync(join(path, name)).isDirectory()) removeGroup(join(path, name));
  try {
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
