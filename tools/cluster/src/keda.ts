import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolCachePath, toolPath } from '@botplane/bootstrap';
import { createProgress } from '@botplane/bootstrap/progress';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { run } from './command.ts';
import { KEDA_READY_S_MAX } from './limits.ts';
import type { ClusterPaths } from './paths.ts';
import { importPrograms } from './programs-image.ts';

const MODULE = 'github.com/kedacore/keda/v2';
const PROGRAMS = ['keda', 'keda-adapter'] as const;
const IMAGE = { name: 'localhost/botplane-keda', tag: 'built' };
/** No registry is asked for the image, and two cores are to hold much else. */
const PATCH = [
  { op: 'replace', path: '/spec/template/spec/containers/0/imagePullPolicy', value: 'Never' },
  { op: 'replace', path: '/spec/template/spec/containers/0/resources/requests/cpu', value: '10m' },
];
/** Where the module is pinned, and so found. */
const PIN = fileURLToPath(new URL('../../keda', import.meta.url));

/** True when `make keda-tools` built it. */
export const isKedaBuilt = (): boolean => PROGRAMS.every((name) => existsSync(toolCachePath(name)));

/** Installs KEDA into the node as its own manifests say, but for its admission webhooks: the operator and the server of external metrics. */
export async function installKeda(paths: ClusterPaths): Promise<void> {
  const env = { KUBECONFIG: paths.kubeconfig };
  const kubectl = (args: readonly string[], input?: string): Promise<string> => run(toolPath('kubectl'), args, { env, ...(input === undefined ? {} : { input }) });
  const progress = createProgress();
  await progress.step('image of KEDA', () => importPrograms(paths, `${IMAGE.name}:${IMAGE.tag}`, PROGRAMS.map((name) => toolPath(name))));
  await progress.step('KEDA is available', async () => {
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], await manifests());
    await kubectl(['rollout', 'status', 'deployment', '--namespace=keda', `--timeout=${KEDA_READY_S_MAX}s`]);
    await kubectl(['wait', 'apiservice/v1beta1.external.metrics.k8s.io', '--for=condition=Available', `--timeout=${KEDA_READY_S_MAX}s`]);
  });
}

/** The manifests of its module, with our image. */
async function manifests(): Promise<string> {
  const module = (await run('go', ['-C', PIN, 'list', '-mod=readonly', '-m', '-f', '{{.Dir}}', MODULE])).trim();
  const folder = makeTempFolder('keda');
  try {
    for (const name of ['crd', 'general', 'rbac', 'manager', 'metrics-server', 'service_account', 'minimal']) cpSync(join(module, 'config', name), join(folder, name), { recursive: true });
    mkdirSync(join(folder, 'node'));
    writeFileSync(join(folder, 'node/kustomization.yaml'), JSON.stringify({
      resources: ['../minimal'],
      images: ['keda', 'keda-metrics-apiserver'].map((name) => ({ name: `ghcr.io/kedacore/${name}`, newName: IMAGE.name, newTag: IMAGE.tag })),
      patches: [{ target: { kind: 'Deployment' }, patch: JSON.stringify(PATCH) }],
    }));
    return await run(toolPath('kubectl'), ['kustomize', join(folder, 'node')]);
  } finally {
    removeTempFolder(folder);
  }
}
