import { toolPath } from '@botplane/bootstrap';
import { httpAnswers } from '../checks.ts';
import type { ProcessRecipe } from '../recipe.ts';
import type { ClusterFiles } from './cluster-files.ts';

/** Cluster addresses of Services; nothing routes to them in the local environment. */
const SERVICE_RANGE = '10.96.0.0/16';
/** A laptop sleeps for hours: its node must not be given up and its pods not be evicted. */
const NODE_MONITOR_GRACE = '24h';

export interface ApiServerOptions {
  readonly files: ClusterFiles;
  readonly port: number;
  readonly etcdPort: number;
  /** Where it listens, and what pods reach as the Service `kubernetes`. Left out: loopback, which no pod reaches. */
  readonly address?: string;
  /** By this certificate servers of further APIs know it, as they are told of in the cluster. Left out: there are none. */
  readonly proxyClient?: { readonly cert: string; readonly key: string };
  /** Left out: nothing is audited. */
  readonly audit?: { readonly policy: string; readonly log: string };
}

/** kube-apiserver with RBAC and static tokens. */
export function apiServerRecipe({ files, port, etcdPort, address = '127.0.0.1', proxyClient, audit }: ApiServerOptions): ProcessRecipe {
  return {
    name: 'kube-apiserver',
    command: toolPath('kube-apiserver'),
    args: [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--bind-address=${address}`,
      `--advertise-address=${address}`,
      ...(address.startsWith('127.') ? ['--endpoint-reconciler-type=none'] : []), // It would refuse to publish a loopback address.
      `--secure-port=${port}`,
      `--tls-cert-file=${files.serverCert}`,
      `--tls-private-key-file=${files.serverKey}`,
      `--cert-dir=${files.folder}`,
      `--kubelet-certificate-authority=${files.caCert}`,
      '--kubelet-preferred-address-types=InternalIP', // The node's name is in no DNS.
      `--kubelet-client-certificate=${files.kubeletClientCert}`,
      `--kubelet-client-key=${files.kubeletClientKey}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${files.serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${files.serviceAccountKey}`,
      `--token-auth-file=${files.tokens}`,
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      '--event-ttl=24h',
      ...(proxyClient ? aggregation(files, proxyClient) : []),
      ...(audit ? [`--audit-policy-file=${audit.policy}`, `--audit-log-path=${audit.log}`] : []),
    ],
    ready: () => httpAnswers(`https://${address}:${port}/readyz`),
  };
}

/** The name in that certificate: others of the same authority may not speak for users. */
export const PROXY_CLIENT_NAME = 'front-proxy-client';

function aggregation({ caCert }: ClusterFiles, { cert, key }: { cert: string; key: string }): string[] {
  return [
    `--proxy-client-cert-file=${cert}`,
    `--proxy-client-key-file=${key}`,
    `--requestheader-client-ca-file=${caCert}`,
    `--requestheader-allowed-names=${PROXY_CLIENT_NAME}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--enable-aggregator-routing=true', // To the endpoints of a Service, with or without a kube-proxy here.
  ];
}

export interface ControllerOptions {
  readonly files: ClusterFiles;
  readonly port: number;
}

/** kube-controller-manager: Deployments, ReplicaSets, garbage collection, service accounts. */
export function controllerManagerRecipe({ files, port }: ControllerOptions): ProcessRecipe {
  const kubeconfig = files.kubeconfig('kube-controller-manager');
  return {
    name: 'kube-controller-manager',
    command: toolPath('kube-controller-manager'),
    args: [
      ...delegatedAuth(kubeconfig, port, files.folder),
      `--service-account-private-key-file=${files.serviceAccountKey}`,
      `--root-ca-file=${files.caCert}`,
      '--use-service-account-credentials=true',
      `--node-monitor-grace-period=${NODE_MONITOR_GRACE}`,
    ],
    ready: () => httpAnswers(`https://127.0.0.1:${port}/healthz`),
  };
}

/** kube-scheduler. */
export function schedulerRecipe({ files, port }: ControllerOptions): ProcessRecipe {
  const kubeconfig = files.kubeconfig('kube-scheduler');
  return {
    name: 'kube-scheduler',
    command: toolPath('kube-scheduler'),
    args: delegatedAuth(kubeconfig, port, files.folder),
    ready: () => httpAnswers(`https://127.0.0.1:${port}/healthz`),
  };
}

function delegatedAuth(kubeconfig: string, port: number, certificateFolder: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--authorization-always-allow-paths=/healthz,/readyz,/livez,/metrics',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${certificateFolder}`,
    '--leader-elect=false', // One of each: waiting for a lease would only delay the start.
  ];
}
