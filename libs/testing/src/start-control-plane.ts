import { join } from 'node:path';
import { readAuditLog, writeAuditPolicy, type AuditedWrite } from './audit-log.ts';
import { installCrds } from './install-crds.ts';
import { launch, type Launched } from './launch.ts';
import { freePort } from './ports.ts';
import { clusterFiles, ensureClusterFiles, readTokens, type ClusterFiles } from './recipes/cluster-files.ts';
import { apiServerRecipe, controllerManagerRecipe, schedulerRecipe } from './recipes/control-plane.ts';
import { etcdRecipe } from './recipes/etcd.ts';

export interface ControlPlaneOptions {
  /** Deployments, garbage collection, service accounts. Without it pods are refused (no service account). */
  readonly controllerManager?: boolean;
  readonly scheduler?: boolean;
  /** Installs the project's CRDs and waits until they are served. */
  readonly crds?: boolean;
  /** Writes down every request that changes something. */
  readonly audit?: boolean;
}

export interface TestControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly url: string;
  /** The administrator's bearer token. */
  readonly token: string;
  /** The writes so far, in the order in which they were answered; empty without `audit`. */
  audited(): AuditedWrite[];
  /** All credentials, e.g. those between kube-apiserver and a kubelet. */
  readonly files: ClusterFiles;
  stop(): Promise<void>;
  /** Restarts kube-apiserver on the same port: every watch breaks. */
  restartApiServer(): Promise<void>;
  /** SIGKILL of kube-apiserver; `restartApiServer` brings it back. */
  killApiServer(): Promise<void>;
}

/** A real Kubernetes API in temporary folders: etcd without fsync and kube-apiserver, ready in about 3 s. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<TestControlPlane> {
  const started: Launched<unknown>[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.toReversed()) await part.stop();
  };
  try {
    const etcd = await startEtcd();
    started.push(etcd);
    const api = await startApiServer(etcd.details.port, options.audit ?? false);
    started.push(api);
    started.push(...(await startControllers(options, api.details.files)));
    const kubeconfig = api.details.files.kubeconfig('admin');
    if (options.crds) await installCrds(kubeconfig);
    return {
      kubeconfig,
      url: api.details.url,
      token: readTokens(api.details.files).get('admin') ?? '',
      files: api.details.files,
      audited: () => readAuditLog(api.details.audit?.log),
      stop,
      killApiServer: () => api.server.kill(),
      restartApiServer: async () => {
        await api.server.stop();
        await api.server.start();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const startEtcd = () =>
  launch('etcd', async (folder) => {
    const port = await freePort();
    const recipe = etcdRecipe({ folder: join(folder, 'data'), port, peerPort: await freePort(), fsync: false });
    return { recipe, details: { port } };
  });

const startApiServer = (etcdPort: number, isAudited: boolean) =>
  launch('kube-apiserver', async (folder) => {
    const port = await freePort();
    const files = await ensureClusterFiles(folder, port);
    const audit = isAudited ? writeAuditPolicy(folder) : undefined;
    return { recipe: apiServerRecipe({ files, port, etcdPort, ...(audit ? { audit } : {}) }), details: { files, audit, url: `https://127.0.0.1:${port}` } };
  });

async function startControllers(options: ControlPlaneOptions, files: ClusterFiles): Promise<Launched<unknown>[]> {
  const starting: Promise<Launched<unknown>>[] = [];
  const own = (folder: string): ClusterFiles => ({ ...clusterFiles(files.folder), folder }); // Own certificate folder.
  if (options.controllerManager) {
    starting.push(
      launch('kube-controller-manager', async (folder) => ({
        recipe: controllerManagerRecipe({ files: own(folder), port: await freePort() }),
        details: undefined,
      })),
    );
  }
  if (options.scheduler) {
    starting.push(
      launch('kube-scheduler', async (folder) => ({
        recipe: schedulerRecipe({ files: own(folder), port: await freePort() }),
        details: undefined,
      })),
    );
  }
  return Promise.all(starting);
}
