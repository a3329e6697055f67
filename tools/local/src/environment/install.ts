import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installCrds } from '@botplane/testing';
import { ROOT } from '../paths.ts';
import { INSTALL_NAMESPACE } from './addresses.ts';
import { Kubectl } from './kubectl.ts';

/** Name of the pool that bots use when they name none. */
export const DEFAULT_RUNTIME = 'default';

/** The bot that `up` applies and waits for. */
export const SAMPLE_BOT = { name: 'echo', namespace: 'default', folder: join(ROOT, 'examples/echo') } as const;

/** What must be there before the operator starts: the kinds and the namespace of the installation. */
export async function installBase(kubeconfig: string): Promise<void> {
  await installCrds(kubeconfig);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: INSTALL_NAMESPACE } };
  await new Kubectl(kubeconfig).apply(namespace);
}

/** The pool of runtime pods that every namespace may use. */
export async function installDefaultRuntime(kubectl: Kubectl): Promise<void> {
  await kubectl.apply({
    apiVersion: 'botplane.dev/v1alpha1',
    kind: 'BotRuntime',
    metadata: { name: DEFAULT_RUNTIME, namespace: INSTALL_NAMESPACE },
    spec: { allowedNamespaces: { from: 'All' } },
  });
}

/** Applies the sample bot; false when the project has none. */
export async function applySample(kubectl: Kubectl): Promise<boolean> {
  if (!existsSync(SAMPLE_BOT.folder)) return false;
  await kubectl.run('apply', '-n', SAMPLE_BOT.namespace, '-f', SAMPLE_BOT.folder);
  return true;
}
