import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessRecipe } from '@botplane/testing';
import { attempt, run } from './command.ts';
import { CNI_PLUGINS } from './machine.ts';
import { BRIDGE, POD_RANGE } from './network.ts';
import type { ClusterPaths } from './paths.ts';

/** The image that holds a pod's namespaces; made here (`up.ts`). */
export const PAUSE_IMAGE = 'localhost/botplane-pause:1';

/** containerd of the node: not the machine's own, of which nothing is shared. */
export function containerdRecipe(paths: ClusterPaths): ProcessRecipe {
  const config = join(paths.config, 'containerd.toml');
  return {
    name: 'containerd',
    command: '/usr/bin/containerd',
    args: ['--config', config],
    prepare: async () => {
      for (const folder of [paths.config, paths.containerdRoot, paths.containerdState, paths.cni]) await mkdir(folder, { recursive: true });
      await writeFile(config, containerdConfig(paths));
      await writeFile(join(paths.cni, '10-botplane.conflist'), JSON.stringify(cniConfig(paths)));
    },
    ready: async () => (await attempt('ctr', ctrArgs(paths, ['version']))) !== undefined,
  };
}

/** Runs `ctr` on the node's containerd, in the namespace of Kubernetes. */
export const ctr = (paths: ClusterPaths, ...args: string[]): Promise<string> => run('ctr', ctrArgs(paths, args));

const ctrArgs = (paths: ClusterPaths, args: readonly string[]): string[] => ['--address', paths.containerdSocket, '--namespace', 'k8s.io', ...args];

function containerdConfig(paths: ClusterPaths): string {
  return `version = 2
root = "${paths.containerdRoot}"
state = "${paths.containerdState}"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "${paths.containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  stream_server_address = "127.0.0.1"
  # Without CAP_SYS_RESOURCE runc ends with "can't get final child's PID from pipe: EOF".
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${CNI_PLUGINS}"
  conf_dir = "${paths.cni}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

/** One bridge without masquerading: pods reach each other, Services and this machine, and make no iptables chains of their own. */
function cniConfig(paths: ClusterPaths): object {
  const ipam = { type: 'host-local', dataDir: join(paths.folder, 'cni-addresses'), ranges: [[{ subnet: POD_RANGE }]], routes: [{ dst: '0.0.0.0/0' }] };
  return { cniVersion: '0.4.0', name: 'botplane', plugins: [{ type: 'bridge', bridge: BRIDGE, isGateway: true, hairpinMode: true, ipam }] };
}
