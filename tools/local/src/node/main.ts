import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { EventRecorder, K8sClient } from '@botplane/k8s';
import { loadConfig } from './config.ts';
import { serveKubeletApi } from './kubelet-api.ts';
import { NodeRegistration } from './node-registration.ts';
import { KUBELET_PORT } from './pod-network.ts';
import { PodManager } from './pod-manager.ts';

/** local-node: a Kubernetes node that runs the pods of known images as processes on loopback addresses. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  mkdirSync(config.STATE_FOLDER, { recursive: true, mode: 0o700 });
  const client = new K8sClient({ kubeconfigPath: config.KUBECONFIG, userAgent: 'botplane-local-node' });
  const recorder = new EventRecorder({ client, controller: 'botplane.dev/local-node', instance: config.NODE_NAME });
  const manager = new PodManager({
    client,
    recorder,
    images: config.IMAGES,
    nodeName: config.NODE_NAME,
    nodeAddress: config.NODE_ADDRESS,
    folder: config.STATE_FOLDER,
  });
  const identity = { name: config.NODE_NAME, address: config.NODE_ADDRESS, kubeletPort: KUBELET_PORT };
  const registration = new NodeRegistration(client, identity);
  let isReady = false;
  const health = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' || isReady ? 200 : 503).end();
  });
  health.listen(config.PORT, config.HOST);
  // First, because it proves that no other environment has this pod network.
  const kubelet = await serveKubeletApi({
    address: config.NODE_ADDRESS,
    port: KUBELET_PORT,
    caCertFile: config.CA_CERT_FILE,
    caKeyFile: config.CA_KEY_FILE,
    logOf: (namespace, pod, container) => manager.logOf(namespace, pod, container),
  });

  const shutdown = async (): Promise<void> => {
    isReady = false;
    kubelet.close();
    kubelet.closeAllConnections();
    await registration.stop();
    await manager.stop();
    await recorder.flush();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutdown());
  await registration.start();
  await manager.start();
  isReady = true;
  console.log(`node ${config.NODE_NAME} is ready on ${config.NODE_ADDRESS}`);
}

await main();
