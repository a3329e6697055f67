import { existsSync } from 'node:fs';
import { APT_MS_MAX } from './limits.ts';
import { attempt, run } from './command.ts';
import { hasKubeChains } from './network.ts';

/** What the node needs of Debian: a command, and the package that brings it. */
const NEEDED: readonly { readonly path: string; readonly packageName: string }[] = [
  { path: '/usr/bin/containerd', packageName: 'containerd' },
  { path: '/usr/sbin/runc', packageName: 'runc' },
  { path: '/usr/lib/cni/bridge', packageName: 'containernetworking-plugins' },
  { path: '/usr/sbin/conntrack', packageName: 'conntrack' },
  { path: '/usr/sbin/iptables', packageName: 'iptables' },
  { path: '/usr/sbin/ip', packageName: 'iproute2' },
  { path: '/usr/bin/buildah', packageName: 'buildah' },
];

/** Where the plugins for pod networks are (Debian). */
export const CNI_PLUGINS = '/usr/lib/cni';

export const isRoot = (): boolean => process.getuid?.() === 0;

export const missingPackages = (): string[] => NEEDED.filter(({ path }) => !existsSync(path)).map(({ packageName }) => packageName);

/** Installs what is missing, with apt. */
export async function installPackages(names: readonly string[]): Promise<void> {
  if ((await attempt('apt-get', ['--version'])) === undefined) {
    throw new Error(`these are missing: ${names.join(', ')}. There is no apt-get here to install them with: install them yourself, in the places where Debian has them`);
  }
  const install = (): Promise<string> => run('apt-get', ['install', '-y', '--no-install-recommends', ...names], { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: APT_MS_MAX });
  // Lists may be missing or old: only then are they fetched.
  await install().catch(async () => {
    await run('apt-get', ['update'], { timeoutMs: APT_MS_MAX });
    await install();
  });
}

/** Throws where another Kubernetes runs on this machine: two would fight over the same chains and control groups. */
export async function refuseBesideAnother(): Promise<void> {
  if ((await hasKubeChains()) || existsSync('/sys/fs/cgroup/cpu/kubepods') || existsSync('/sys/fs/cgroup/kubepods')) {
    throw new Error('a kubelet or kube-proxy runs on this machine already, or left its iptables chains KUBE-… or control groups: use that cluster (KUBECONFIG), or end what a killed run left with `make cluster-down` in its clone, or in any with BOTPLANE_CLUSTER_DIR=<the .cluster of that clone> (where that is gone: docs/cluster.md)');
  }
}
