import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { generateServerCertificate, httpAnswers, tcpAnswers, type ClusterFiles, type ProcessRecipe } from '@botplane/testing';
import { NODE_ADDRESS, POD_RANGE } from './network.ts';
import type { ClusterPaths } from './paths.ts';

export const NODE_NAME = 'botplane-node';
const DNS_DOMAIN = 'cluster.local';
const KUBELET_HEALTH_PORT = 10248;
const PROXY_HEALTH_PORT = 10256;

/** kubelet; its settings suit a machine or container with control groups of version 1 and without systemd, too. */
export function kubeletRecipe(paths: ClusterPaths, files: ClusterFiles): ProcessRecipe {
  const config = join(paths.config, 'kubelet.json');
  const certificate = join(paths.credentials, 'kubelet.crt');
  const key = join(paths.credentials, 'kubelet.key');
  return {
    name: 'kubelet',
    command: toolPath('kubelet'),
    args: [`--config=${config}`, `--kubeconfig=${files.kubeconfig('local-node')}`, `--root-dir=${paths.kubelet}`, `--cert-dir=${join(paths.kubelet, 'pki')}`, `--hostname-override=${NODE_NAME}`, `--node-ip=${NODE_ADDRESS}`],
    prepare: async () => {
      for (const folder of [paths.config, paths.kubelet, paths.podLogs]) await mkdir(folder, { recursive: true });
      const authority = { cert: readFileSync(files.caCert, 'utf8'), key: readFileSync(files.caKey, 'utf8') };
      const serving = await generateServerCertificate(NODE_NAME, authority, [NODE_NAME], [NODE_ADDRESS]);
      await writeFile(certificate, serving.cert, { mode: 0o600 });
      await writeFile(key, serving.key, { mode: 0o600 });
      await writeFile(join(paths.config, 'resolv.conf'), '');
      await writeFile(config, JSON.stringify(kubeletConfig(paths, files, certificate, key), null, 2));
    },
    ready: () => httpAnswers(`http://${NODE_ADDRESS}:${KUBELET_HEALTH_PORT}/healthz`),
  };
}

function kubeletConfig(paths: ClusterPaths, files: ClusterFiles, tlsCertFile: string, tlsPrivateKeyFile: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration',
    address: NODE_ADDRESS, healthzBindAddress: NODE_ADDRESS, healthzPort: KUBELET_HEALTH_PORT, tlsCertFile, tlsPrivateKeyFile,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: files.caCert } },
    // The only certificate of that authority that clients have is kube-apiserver's.
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    cgroupDriver: 'cgroupfs', failCgroupV1: false, failSwapOn: false, localStorageCapacityIsolation: false,
    clusterDNS: [NODE_ADDRESS], clusterDomain: DNS_DOMAIN, resolvConf: join(paths.config, 'resolv.conf'),
    podLogsDir: paths.podLogs,
    // No registry has the images, so none may be collected; and a full disk of the machine is not the node's to solve.
    imageGCHighThresholdPercent: 100, imageGCLowThresholdPercent: 99, evictionHard: { 'memory.available': '100Mi' },
    shutdownGracePeriod: '0s',
  };
}

/** kube-proxy with iptables. Everything is masqueraded: on one bridge an answer would else not take the way back through the translation. */
export function kubeProxyRecipe(paths: ClusterPaths, files: ClusterFiles): ProcessRecipe {
  const config = join(paths.config, 'kube-proxy.json');
  const settings = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: files.kubeconfig('local-node') },
    hostnameOverride: NODE_NAME, mode: 'iptables', clusterCIDR: POD_RANGE,
    healthzBindAddress: `${NODE_ADDRESS}:${PROXY_HEALTH_PORT}`, metricsBindAddress: `${NODE_ADDRESS}:10249`,
    // Zero: the kernel's settings stay as they are.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { masqueradeAll: true, localhostNodePorts: false },
  };
  return {
    name: 'kube-proxy',
    command: toolPath('kube-proxy'),
    args: [`--config=${config}`],
    prepare: () => writeFile(config, JSON.stringify(settings, null, 2)),
    ready: () => httpAnswers(`http://${NODE_ADDRESS}:${PROXY_HEALTH_PORT}/livez`),
  };
}

/** CoreDNS as a process of the machine: names of Services; every other name does not exist. */
export function coreDnsRecipe(paths: ClusterPaths, files: ClusterFiles): ProcessRecipe {
  const config = join(paths.config, 'Corefile');
  const text = `${DNS_DOMAIN}:53 in-addr.arpa:53 {
  bind ${NODE_ADDRESS}
  errors
  kubernetes ${DNS_DOMAIN} in-addr.arpa {
    kubeconfig ${files.kubeconfig('local-node')}
    ttl 1
  }
}
.:53 {
  bind ${NODE_ADDRESS}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
  return {
    name: 'coredns',
    command: toolPath('coredns'),
    args: ['-conf', config],
    prepare: () => writeFile(config, text),
    ready: () => tcpAnswers(53, NODE_ADDRESS),
  };
}
