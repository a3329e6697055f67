import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { generateServerCertificate, httpAnswers, type ClusterFiles, type ProcessRecipe } from '@botplane/testing';
import { run } from './command.ts';
import { NODE_ADDRESS } from './network.ts';
import type { ClusterPaths } from './paths.ts';

/** On the bridge's address, which nobody else uses. */
const PORT = 10251;
const SERVICE = { name: 'metrics-server', namespace: 'kube-system' };
const SERVICE_HOST = `${SERVICE.name}.${SERVICE.namespace}.svc`;

/** metrics-server as a process of the machine: asks the kubelet how busy pods are, as `kubectl top` and autoscalers by CPU want to know. */
export function metricsServerRecipe(paths: ClusterPaths, files: ClusterFiles): ProcessRecipe {
  const kubeconfig = files.kubeconfig('local-node');
  const certificate = join(paths.credentials, 'metrics-server.crt');
  const key = join(paths.credentials, 'metrics-server.key');
  return {
    name: 'metrics-server',
    command: toolPath('metrics-server'),
    args: [
      `--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`, `--authorization-kubeconfig=${kubeconfig}`,
      `--bind-address=${NODE_ADDRESS}`, `--secure-port=${PORT}`, `--tls-cert-file=${certificate}`, `--tls-private-key-file=${key}`,
      '--kubelet-preferred-address-types=InternalIP', `--kubelet-certificate-authority=${files.caCert}`,
      // The kubelet knows no tokens.
      `--kubelet-client-certificate=${files.kubeletClientCert}`, `--kubelet-client-key=${files.kubeletClientKey}`,
      '--metric-resolution=10s', '--kubelet-request-timeout=5s', `--client-ca-file=${files.caCert}`,
    ],
    prepare: async () => {
      const authority = { cert: readFileSync(files.caCert, 'utf8'), key: readFileSync(files.caKey, 'utf8') };
      const serving = await generateServerCertificate(SERVICE.name, authority, [SERVICE_HOST], [NODE_ADDRESS]);
      await writeFile(certificate, serving.cert, { mode: 0o600 });
      await writeFile(key, serving.key, { mode: 0o600 });
    },
    ready: () => httpAnswers(`https://${NODE_ADDRESS}:${PORT}/livez`),
  };
}

/** Tells kube-apiserver that metrics-server answers for metrics.k8s.io. */
export async function registerMetricsServer(paths: ClusterPaths, files: ClusterFiles): Promise<void> {
  const api = { group: 'metrics.k8s.io', version: 'v1beta1' };
  const objects = [
    { apiVersion: 'v1', kind: 'Service', metadata: SERVICE, spec: { ports: [{ name: 'https', port: 443, targetPort: PORT }] } },
    {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { ...SERVICE, labels: { 'kubernetes.io/service-name': SERVICE.name } },
      addressType: 'IPv4', ports: [{ name: 'https', port: PORT }], endpoints: [{ addresses: [NODE_ADDRESS], conditions: { ready: true } }],
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `${api.version}.${api.group}` },
      spec: { ...api, service: SERVICE, caBundle: readFileSync(files.caCert).toString('base64'), groupPriorityMinimum: 100, versionPriority: 100 },
    },
  ];
  await run(toolPath('kubectl'), ['apply', '--server-side', '--force-conflicts', '-f', '-'], { env: { KUBECONFIG: paths.kubeconfig }, input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
}
