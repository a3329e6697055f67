import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@botplane/testing';
import type { ClusterPaths } from './paths.ts';

const NAMES = ['apiServer', 'etcd', 'etcdPeer', 'controllerManager', 'scheduler'] as const;
export type ClusterPorts = Readonly<Record<(typeof NAMES)[number], number>>;

/** Ports of the control plane: picked once, kept as long as the node is up. */
export async function clusterPorts(paths: ClusterPaths): Promise<ClusterPorts> {
  const file = join(paths.folder, 'ports.json');
  if (!existsSync(file)) {
    await mkdir(paths.folder, { recursive: true, mode: 0o700 });
    const entries: [string, number][] = [];
    for (const name of NAMES) entries.push([name, await freePort()]);
    writeFileSync(file, JSON.stringify(Object.fromEntries(entries)));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ClusterPorts;
}
