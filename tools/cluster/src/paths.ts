import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where everything of the node lies: below one folder, so that nothing of the machine's own containerd or kubelet is touched. */
export interface ClusterPaths {
  readonly folder: string;
  /** Pids with start times of every process of the node. */
  readonly run: string;
  readonly logs: string;
  /** Certificates, tokens, kubeconfigs. */
  readonly credentials: string;
  readonly etcd: string;
  readonly containerdRoot: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly kubelet: string;
  readonly podLogs: string;
  readonly cni: string;
  readonly config: string;
  /** Kernel settings as they were before. */
  readonly sysctls: string;
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string;
}

/** `.cluster` beside the Makefile, or BOTPLANE_CLUSTER_DIR. */
export function clusterPaths(folder = process.env['BOTPLANE_CLUSTER_DIR'] ?? join(root, '.cluster')): ClusterPaths {
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    run: at('run'),
    logs: at('logs'),
    credentials: at('credentials'),
    etcd: at('etcd'),
    containerdRoot: at('containerd'),
    // A path of a socket has at most 107 characters, and shims put long names below it.
    containerdState: '/run/botplane-cluster/containerd',
    containerdSocket: '/run/botplane-cluster/containerd.sock',
    kubelet: at('kubelet'),
    podLogs: at('pod-logs'),
    cni: at('cni'),
    config: at('config'),
    sysctls: at('sysctls.json'),
    kubeconfig: join(folder, 'credentials', 'admin.kubeconfig'),
  };
}
