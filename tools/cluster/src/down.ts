import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { toolPath } from '@botplane/bootstrap';
import { createProgress } from '@botplane/bootstrap/progress';
import { endRecorded, isAlive, readRecords, removeRecord } from '@botplane/testing';
import { attempt, run } from './command.ts';
import { ctr } from './containerd.ts';
import { endContainers, endShims, removeControlGroups, removeEmptyFolders, removeLogLinks, unmountAll } from './leftovers.ts';
import { PODS_END_S_MAX, STOP_GRACE_MS } from './limits.ts';
import { removeBridge, removeKubeChains } from './network.ts';
import type { ClusterPaths } from './paths.ts';
import { restoreSysctls } from './sysctls.ts';

/** Ends everything that the node started and removes what it made; also what an interrupted `up` or `down` left. Packages from apt stay. */
export async function down(paths: ClusterPaths): Promise<void> {
  if (!existsSync(paths.folder)) {
    console.log('No cluster was up.');
    return;
  }
  const progress = createProgress();
  await progress.step('end pods', () => endPods(paths));
  await progress.step('end processes', async () => {
    await endRecorded(paths.run, STOP_GRACE_MS);
    await endShims(paths);
    await endContainers();
  });
  await progress.step('remove network, mounts and control groups', async () => {
    await removeKubeChains();
    await removeBridge();
    await unmountAll(paths);
    removeControlGroups();
    removeLogLinks(paths);
    removeEmptyFolders();
    restoreSysctls(paths.sysctls);
  });
  await progress.step('remove files', async () => {
    await rm('/run/botplane-cluster', { recursive: true, force: true });
    await rm(paths.folder, { recursive: true, force: true });
  });
  progress.line(`The cluster is down after ${progress.elapsed()}.`);
}

/** The kubelet ends pods best, with their networks; what is left after that goes with containerd. */
async function endPods(paths: ClusterPaths): Promise<void> {
  const runs = (name: string): boolean => readRecords(paths.run).some((record) => record.name === name && isAlive(record));
  if (runs('kube-apiserver') && runs('kubelet')) {
    await endOne(paths, 'kube-controller-manager'); // It would make new pods.
    await attempt(toolPath('kubectl'), ['--kubeconfig', paths.kubeconfig, 'delete', 'pods', '-A', '--all', '--grace-period=1', `--timeout=${PODS_END_S_MAX}s`]);
  }
  await endOne(paths, 'kubelet');
  if (!runs('containerd')) return;
  const namespaces = await networkNamespaces(paths);
  for (const task of lines(await ctr(paths, 'tasks', 'ls', '-q'))) {
    await attempt('ctr', ['--address', paths.containerdSocket, '--namespace', 'k8s.io', 'tasks', 'rm', '--force', task]);
  }
  for (const name of namespaces) await attempt('ip', ['netns', 'delete', name]);
}

/** Names below /run/netns that containers of the node use. */
async function networkNamespaces(paths: ClusterPaths): Promise<string[]> {
  const found = new Set<string>();
  for (const id of lines(await ctr(paths, 'containers', 'ls', '-q'))) {
    for (const [, name] of (await ctr(paths, 'containers', 'info', id)).matchAll(/"\/(?:var\/)?run\/netns\/(cni-[\w-]+)"/g)) if (name !== undefined) found.add(name);
  }
  return [...found];
}

async function endOne(paths: ClusterPaths, name: string): Promise<void> {
  const record = readRecords(paths.run).find((candidate) => candidate.name === name);
  if (record === undefined) return;
  if (isAlive(record)) await run('kill', ['-TERM', String(record.pid)]);
  for (let waitedMs = 0; isAlive(record) && waitedMs < STOP_GRACE_MS; waitedMs += 100) await new Promise((resolve) => setTimeout(resolve, 100));
  if (isAlive(record)) process.kill(record.pid, 'SIGKILL');
  removeRecord(paths.run, name);
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
