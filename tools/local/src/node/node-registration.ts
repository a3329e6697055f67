import { hostname, release, totalmem, availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlreadyExists, LEASES, microTime, NAMESPACES, NODES, type K8sClient, type Lease, type Node } from '@botplane/k8s';
import { LEASE_DURATION_S, LEASE_RENEW_INTERVAL_MS, NODE_STATUS_INTERVAL_MS, PODS_MAX, RETRY_DELAY_MS } from './limits.ts';
import { timeOf } from './pod-types.ts';

export interface NodeIdentity {
  readonly name: string;
  readonly address: string;
  readonly kubeletPort: number;
}

const LEASE_NAMESPACE = 'kube-node-lease';

/** Registers the Node and keeps its Lease and status; what fails is tried again until it is stopped. */
export class NodeRegistration {
  private readonly client: K8sClient;
  private readonly identity: NodeIdentity;
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];

  constructor(client: K8sClient, identity: NodeIdentity) {
    this.client = client;
    this.identity = identity;
  }

  /** Resolves when the Node is Ready in the API and its Lease is held. */
  async start(): Promise<void> {
    await this.untilDone(() => this.register());
    await this.untilDone(() => this.writeStatus());
    await this.untilDone(() => this.renewLease());
    this.loops = [
      this.every(LEASE_RENEW_INTERVAL_MS, () => this.renewLease()),
      this.every(NODE_STATUS_INTERVAL_MS, () => this.writeStatus()),
    ];
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
  }

  private async register(): Promise<void> {
    const { name } = this.identity;
    const labels = {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': goArch(),
      'botplane.dev/local-node': 'true',
    };
    await ignoreExisting(this.client.create(NODES, { metadata: { name, labels } }));
    await ignoreExisting(this.client.create(NAMESPACES, { metadata: { name: LEASE_NAMESPACE } }));
    // The controller manager adds these to a node whose Lease was old, and may be slow to take them away.
    await this.client.patch(NODES, { name }, { type: 'merge', body: { spec: { taints: null, unschedulable: null } } });
  }

  private async writeStatus(): Promise<void> {
    const body = { status: nodeStatus(this.identity) };
    await this.client.patch(NODES, { name: this.identity.name }, { type: 'strategic', body }, { subresource: 'status' });
  }

  private async renewLease(): Promise<void> {
    const ref = { name: this.identity.name, namespace: LEASE_NAMESPACE };
    const spec: Lease['spec'] = {
      holderIdentity: this.identity.name,
      leaseDurationSeconds: LEASE_DURATION_S,
      renewTime: microTime(),
    };
    await this.client.apply(LEASES, { metadata: ref, spec }, { fieldManager: 'local-node', force: true });
  }

  private async untilDone(work: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        return await work();
      } catch (error) {
        console.warn(`node ${this.identity.name}: ${String(error)}`);
        await this.pause(RETRY_DELAY_MS);
      }
    }
  }

  private async every(intervalMs: number, work: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.pause(intervalMs);
      await this.untilDone(work);
    }
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

/** Since when this process keeps the node ready. */
const READY_SINCE = timeOf(Date.now());

function nodeStatus({ address, name, kubeletPort }: NodeIdentity): NonNullable<Node['status']> {
  const now = timeOf(Date.now());
  const resources = { cpu: String(availableParallelism() * 10), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: String(PODS_MAX) };
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: reason,
    lastHeartbeatTime: now,
    lastTransitionTime: READY_SINCE,
  });
  return {
    capacity: resources,
    allocatable: resources,
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    nodeInfo: {
      architecture: goArch(),
      bootID: '',
      containerRuntimeVersion: 'process://1',
      kernelVersion: release(),
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.3-local',
      machineID: '',
      operatingSystem: 'linux',
      osImage: `processes on ${hostname()}`,
      systemUUID: '',
    },
    conditions: [
      condition('Ready', 'True', 'LocalNodeReady'),
      condition('MemoryPressure', 'False', 'NotMeasured'),
      condition('DiskPressure', 'False', 'NotMeasured'),
      condition('PIDPressure', 'False', 'NotMeasured'),
    ],
  };
}

/** Go's name of this processor, as Kubernetes uses it. */
function goArch(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

async function ignoreExisting(creating: Promise<unknown>): Promise<void> {
  await creating.catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  });
}
