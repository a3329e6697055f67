import { mkdirSync } from 'node:fs';
import { EventRecorder, K8sClient } from '@botplane/k8s';
import type { NodeConfig } from './config.ts';
import { serveKubeletApi } from './kubelet-api.ts';
import { NodeRegistration } from './node-registration.ts';
import { KUBELET_PORT } from './pod-network.ts';
import { PodManager } from './pod-manager.ts';

/** A running node. */
export interface LocalNode {
  /** Ends the processes of all pods; the pods stay and go on with the next start of the node. */
  stop(): Promise<void>;
}

/** Registers the node and runs its pods. Rejects when another node has this pod network. */
export async function startLocalNode(config: Omit<NodeConfig, 'HOST' | 'PORT'>): Promise<LocalNode> {
  const { NODE_NAME: name, NODE_ADDRESS: address, STATE_FOLDER: folder } = config;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const client = new K8sClient({ kubeconfigPath: config.KUBECONFIG, userAgent: 'botplane-local-node' });
  const recorder = new EventRecorder({ client, controller: 'botplane.dev/local-node', instance: name });
  const manager = new PodManager({ client, recorder, images: config.IMAGES, nodeName: name, nodeAddress: address, folder });
  // First, because it proves that no other environment has this pod network.
  const kubelet = await serveKubeletApi({
    address,
    port: KUBELET_PORT,
    caCertFile: config.CA_CERT_FILE,
    caKeyFile: config.CA_KEY_FILE,
    logOf: (namespace, pod, container) => manager.logOf(namespace, pod, container),
  });
  const registration = new NodeRegistration(client, { name, address, kubeletPort: KUBELET_PORT });
  await registration.start();
  await manager.start();
  return {
    stop: async () => {
      kubelet.close();
      kubelet.closeAllConnections();
      await registration.stop();
      await manager.stop();
      await recorder.flush();
    },
  };
}
