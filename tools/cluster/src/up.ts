import { toolPath } from '@botplane/bootstrap';
import { createProgress } from '@botplane/bootstrap/progress';
import { PROXY_CLIENT_NAME, apiServerRecipe, clusterFiles, controllerManagerRecipe, ensureClusterFiles, etcdRecipe, generateClientCertificate, readRecords, schedulerRecipe, type ClusterFiles } from '@botplane/testing';
import { readFileSync } from 'node:fs';
import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { PAUSE_IMAGE, containerdRecipe } from './containerd.ts';
import { NODE_READY_S_MAX } from './limits.ts';
import { installPackages, missingPackages, refuseBesideAnother } from './machine.ts';
import { metricsServerRecipe, registerMetricsServer } from './metrics-server.ts';
import { NODE_ADDRESS, makeBridge } from './network.ts';
import { NODE_NAME, coreDnsRecipe, kubeProxyRecipe, kubeletRecipe } from './node.ts';
import type { ClusterPaths } from './paths.ts';
import { clusterPorts } from './ports.ts';
import { startDetached } from './processes.ts';
import { importPrograms } from './programs-image.ts';
import { changeSysctls } from './sysctls.ts';

/** Brings the node up, or what of it is missing. */
export async function up(paths: ClusterPaths): Promise<void> {
  const progress = createProgress();
  const missing = missingPackages();
  if (missing.length > 0) await progress.step(`install ${missing.join(', ')} with apt`, () => installPackages(missing));
  if (readRecords(paths.run).length === 0) await refuseBesideAnother();
  await changeSysctls(paths.sysctls);
  await makeBridge();
  await progress.step('control plane', () => startControlPlane(paths));
  await progress.step('containerd', () => startDetached(paths, containerdRecipe(paths)));
  await progress.step('pause image', () => importPrograms(paths, PAUSE_IMAGE, [toolPath('pause')]));
  const files = clusterFiles(paths.credentials);
  await progress.step('kubelet, kube-proxy, CoreDNS', async () => {
    await startDetached(paths, kubeletRecipe(paths, files));
    await Promise.all([startDetached(paths, kubeProxyRecipe(paths, files)), startDetached(paths, coreDnsRecipe(paths, files))]);
  });
  await progress.step('metrics-server', async () => {
    await startDetached(paths, metricsServerRecipe(paths, files));
    await registerMetricsServer(paths, files);
  }).catch((error: Error) => progress.line(`  Without metrics-server nothing is scaled by CPU; all else works. ${error.message}`));
  await progress.step('node is Ready', () => waitForNode(paths));
  progress.line(`The cluster is up after ${progress.elapsed()}. Use it with: export KUBECONFIG=${paths.kubeconfig}`);
}

async function startControlPlane(paths: ClusterPaths): Promise<void> {
  const ports = await clusterPorts(paths);
  await startDetached(paths, etcdRecipe({ folder: paths.etcd, port: ports.etcd, peerPort: ports.etcdPeer, fsync: false }));
  const files = await ensureClusterFiles(paths.credentials, ports.apiServer, NODE_ADDRESS);
  const proxyClient = { cert: join(paths.credentials, 'front-proxy.crt'), key: join(paths.credentials, 'front-proxy.key') };
  const recipe = apiServerRecipe({ files, port: ports.apiServer, etcdPort: ports.etcd, address: NODE_ADDRESS, proxyClient });
  await startDetached(paths, { ...recipe, prepare: () => writeProxyClient(files, proxyClient) });
  // Each has a folder of its own for the certificate that it makes itself.
  const own = async (name: string): Promise<typeof files> => {
    const folder = join(paths.credentials, name);
    await mkdir(folder, { recursive: true });
    return { ...files, folder };
  };
  await Promise.all([
    startDetached(paths, controllerManagerRecipe({ files: await own('kube-controller-manager'), port: ports.controllerManager })),
    startDetached(paths, schedulerRecipe({ files: await own('kube-scheduler'), port: ports.scheduler })),
  ]);
}

async function writeProxyClient({ caCert, caKey }: ClusterFiles, { cert, key }: { cert: string; key: string }): Promise<void> {
  const made = await generateClientCertificate(PROXY_CLIENT_NAME, { cert: readFileSync(caCert, 'utf8'), key: readFileSync(caKey, 'utf8') });
  await writeFile(cert, made.cert, { mode: 0o600 });
  await writeFile(key, made.key, { mode: 0o600 });
}

async function waitForNode(paths: ClusterPaths): Promise<void> {
  const kubectl = (...args: string[]): Promise<string> => run(toolPath('kubectl'), args, { env: { KUBECONFIG: paths.kubeconfig }, timeoutMs: NODE_READY_S_MAX * 1000 });
  await kubectl('wait', '--for=create', `node/${NODE_NAME}`, `--timeout=${NODE_READY_S_MAX}s`);
  await kubectl('wait', '--for=condition=Ready', `node/${NODE_NAME}`, `--timeout=${NODE_READY_S_MAX}s`);
  // Its kubelet does not look after disks (docs/cluster.md), so it offers none, and no pod that asks for some would be scheduled.
  const { bavail, bsize } = await statfs(paths.kubelet);
  const disk = { 'ephemeral-storage': `${Math.floor((bavail * bsize) / 1024)}Ki` };
  await kubectl('patch', 'node', NODE_NAME, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { capacity: disk, allocatable: disk } }));
}
