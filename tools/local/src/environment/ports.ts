import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { freePort, isPortFree } from '@botplane/testing';
import { KUBELET_PORT, networkAddress } from '../node/pod-network.ts';

/** Ports taken when they are free; all below the ephemeral range. */
const PREFERRED = {
  etcd: 18379,
  etcdPeer: 18380,
  kubeApiServer: 18443,
  controllerManager: 18444,
  scheduler: 18445,
  localNode: 18446,
  nats: 18422,
  natsMonitor: 18423,
  postgres: 18432,
  s3: 18470,
  simulator: 18081,
  quote: 18082,
  operator: 18083,
  ingress: 18080,
  executor: 18084,
  delivery: 18085,
  api: 18086,
  admission: 18087,
} as const;

export type PortName = keyof typeof PREFERRED;
export type Ports = Readonly<Record<PortName, number>>;

/** What an environment occupies on this machine. */
export interface Allocation {
  readonly ports: Ports;
  /** Pods have addresses in 127.<podNetwork>.0.0/16. */
  readonly podNetwork: number;
}

/** The networks that pods may get: 127.1 to 127.250. */
const POD_NETWORK_MAX = 250;

/** Reads the allocation of an environment that runs. */
export function readAllocation(file: string): Allocation {
  return JSON.parse(readFileSync(file, 'utf8')) as Allocation;
}

/** Keeps what the last run had where it is still free, and picks something else where not. Only for a stopped environment. */
export async function allocate(file: string): Promise<Allocation> {
  const previous = tryRead(file);
  const ports: Partial<Record<PortName, number>> = {};
  for (const name of Object.keys(PREFERRED) as PortName[]) {
    ports[name] = await pick([previous?.ports?.[name], PREFERRED[name]]);
  }
  const allocation: Allocation = { ports: ports as Ports, podNetwork: await pickPodNetwork(previous?.podNetwork) };
  await writeFile(file, `${JSON.stringify(allocation, null, 2)}\n`);
  return allocation;
}

async function pick(candidates: (number | undefined)[]): Promise<number> {
  for (const port of candidates) if (port !== undefined && (await isPortFree(port))) return port;
  return freePort();
}

/** A network is free when nobody listens on its node's port, which local-node holds as long as it runs. */
async function pickPodNetwork(previous: number | undefined): Promise<number> {
  const networks = Array.from({ length: POD_NETWORK_MAX }, (_, index) => index + 1);
  for (const network of previous === undefined ? networks : [previous, ...networks]) {
    if (await isPortFree(KUBELET_PORT, networkAddress(network))) return network;
  }
  throw new Error(`all ${POD_NETWORK_MAX} pod networks (127.1 to 127.${POD_NETWORK_MAX}) are taken: stop another environment`);
}

function tryRead(file: string): Partial<Allocation> | undefined {
  try {
    return readAllocation(file);
  } catch {
    return undefined; // Missing or damaged: pick anew.
  }
}
