import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@botplane/testing';
import type { ClusterPaths } from './paths.ts';

/** As in most clusters, so that the NetworkPolicies of the charts let pods reach it; on the bridge's address, which nobody else uses. */
const API_SERVER_PORT = 6443;
const PICKED = ['etcd', 'etcdPeer', 'controllerManager', 'scheduler'] as const;
export type ClusterPorts = Readonly<Record<'apiServer' | (typeof PICKED)[number], number>>;

/** Ports of the control plane: kept as long as the node is up. */
export async function clusterPorts(paths: ClusterPaths): Promise<ClusterPorts> {
  const file = join(paths.folder, 'ports.json');
  if (!existsSync(file)) {
    await mkdir(paths.folder, { recursive: true, mode: 0o700 });
    const entries: [string, number][] = [['apiServer', API_SERVER_PORT]];
    for (const name of PICKED) entries.push([name, await freePort()]);
    writeFileSync(file, JSON.stringify(Object.fromEntries(entries)));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ClusterPorts;
}
